//! Files that are not what they should be: always an error that says which file and why, never a panic, never wrong data.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use ndarray::{Ix1, Ix3, IxDyn};
use pasha::euxfel::{Key, Kind, Run, TrainData, h5_file, run_directory};

use crate::{Scratch, fixture, refused};

const ODD: &str = "ODD_LATEST/DET/0CH0:out";

fn read<T: pasha::euxfel::Value, D: ndarray::Dimension>(key: &Key<T, D>) -> pasha::Result<usize> {
    let mut buffer = key.buffer()?;
    (0..key.trains()).map(|index| Ok(key.data(&mut buffer, index)?.len())).sum()
}

/// Reads whatever a run has. Gives what could not be read.
fn read_all(run: &Run) -> Vec<pasha::Error> {
    let mut errors = Vec::new();
    for source in run.sources() {
        let keys = run.keys(source).unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        });
        for key in keys {
            macro_rules! numbers {
                ($type:ty) => {
                    run.key::<$type, IxDyn>(source, &key).and_then(|key| read(&key))
                };
            }
            let read = run.describe(source, &key).and_then(|found| match found.kind {
                Kind::Unsigned(1) => numbers!(u8),
                Kind::Unsigned(2) => numbers!(u16),
                Kind::Unsigned(4) => numbers!(u32),
                Kind::Unsigned(8) => numbers!(u64),
                Kind::Signed(1) => numbers!(i8),
                Kind::Float(4) => numbers!(f32),
                _ => Ok(0),
            });
            errors.extend(read.err());
        }
    }
    errors
}

#[test]
fn a_file_cut_off_at_any_length_is_refused_or_read_in_part() {
    let scratch = Scratch::new();
    let whole = fs::read(fixture("demo").join("RAW-R0005-AGIPD04-S00000.h5")).unwrap();
    let path = scratch.0.join("cut.h5");
    fs::write(&path, &whole).unwrap();
    assert!(read_all(&h5_file(&path).unwrap()).is_empty());
    // Every length where structures are, and every 37th otherwise: the header of HDF5 knows the length, as a rule.
    for len in (0..whole.len()).rev().filter(|len| *len < 4096 || len % 37 == 0) {
        OpenOptions::new().write(true).open(&path).unwrap().set_len(len as u64).unwrap();
        let errors = match h5_file(&path) {
            Ok(run) => read_all(&run),
            Err(error) => vec![error],
        };
        assert!(!errors.is_empty(), "{len} of {} bytes are read as if nothing were missing", whole.len());
        for error in errors {
            assert!(error.to_string().contains("cut.h5"), "{error}");
        }
    }
}

/// Copies the file with the odd datasets and changes the first place that has these bytes.
fn changed(scratch: &Scratch, find: &[u8], put: &[u8]) -> Run {
    let path = scratch.copy("odd", "run", |name| name.contains("LATEST")).join("RAW-R0006-LATEST-S00000.h5");
    let mut bytes = fs::read(&path).unwrap();
    let place = bytes.windows(find.len()).position(|window| window == find).expect("the bytes are in the file");
    bytes[place..place + put.len()].copy_from_slice(put);
    fs::write(&path, bytes).unwrap();
    h5_file(&path).unwrap()
}

/// The stored bytes of a contiguous or unfiltered dataset's first entry.
fn entry(key: &str) -> Vec<u8> {
    let run = run_directory(fixture("odd")).unwrap();
    let key = run.key::<u16, Ix3>(ODD, key).unwrap();
    let data = key.ndarray().unwrap();
    data.index_axis(ndarray::Axis(0), 0).iter().flat_map(|pixel| pixel.to_le_bytes()).collect()
}

#[test]
fn a_wrong_checksum_is_an_error() {
    let scratch = Scratch::new();
    let run = run_directory(scratch.copy("odd", "run", |name| name.contains("LATEST"))).unwrap();
    assert!(read(&run.key::<u16, Ix3>(ODD, "chunks.frame_sum").unwrap()).is_ok());
    // All copies of the first frame are changed: those without a checksum are read, those with one are not.
    let path = scratch.0.join("run/RAW-R0006-LATEST-S00000.h5");
    let mut bytes = fs::read(&path).unwrap();
    let frame = entry("chunks.frame");
    let places: Vec<usize> =
        (0..bytes.len() - frame.len()).filter(|&place| bytes[place..].starts_with(&frame)).collect();
    assert!(places.len() > 4);
    places.iter().for_each(|&place| bytes[place + 5] ^= 1);
    fs::write(&path, bytes).unwrap();
    let run = h5_file(&path).unwrap();
    assert!(read(&run.key::<u16, Ix3>(ODD, "chunks.frame").unwrap()).is_ok());
    for key in ["frame_sum", "several_sum", "single_sum"] {
        let key = run.key::<u16, Ix3>(ODD, &format!("chunks.{key}")).unwrap();
        refused(read(&key), &["LATEST-S00000.h5", "INSTRUMENT/ODD_LATEST", "train 20001", "checksum", "fletcher32"]);
        refused(key.ndarray(), &["checksum"]);
    }
}

#[test]
fn a_damaged_deflated_chunk_is_an_error_or_fails_its_checksum() {
    let scratch = Scratch::new();
    let path = scratch.copy("demo", "run", |name| name.contains("AGIPD04")).join("RAW-R0005-AGIPD04-S00000.h5");
    let whole = fs::read(&path).unwrap();
    let source = "SPB_DET_AGIPD1M-1/DET/4CH0:xtdf";
    let key = h5_file(&path).unwrap().key::<u16, Ix3>(source, "image.data").unwrap();
    let expected = key.ndarray().unwrap();
    // Deflated chunks begin with a zlib header.
    let chunks: Vec<usize> = (0..whole.len() - 2).filter(|&place| whole[place..].starts_with(&[0x78, 0xda])).collect();
    assert_eq!(chunks.len(), expected.len_of(ndarray::Axis(0)));
    for (number, place) in chunks.into_iter().enumerate() {
        let mut bytes = whole.clone();
        bytes[place + 2 + number % 300] ^= 0x10;
        fs::write(&path, bytes).unwrap();
        let key = h5_file(&path).unwrap().key::<u16, Ix3>(source, "image.data").unwrap();
        // Deflate ends with a checksum of its own.
        refused(key.ndarray(), &["AGIPD04", "image/data", "in train", "inflate"]);
    }
}

#[test]
fn a_file_that_changes_is_an_error() {
    let scratch = Scratch::new();
    let path = scratch.copy("lpd", "run", |_| true);
    let file = path.join("RAW-R0450-LPD00-S00000.h5");
    let run = run_directory(&path).unwrap();
    let key = run.key::<u16, pasha::Ix4>("FXE_DET_LPD1M-1/DET/0CH0:xtdf", "image.data").unwrap();
    let mut buffer = key.buffer().unwrap();
    key.data(&mut buffer, 0).unwrap();
    // While a worker has it open, and before another opens it.
    let open = OpenOptions::new().write(true).open(&file).unwrap();
    let len = open.metadata().unwrap().len();
    open.write_all_at(&[1], len - 1).unwrap();
    refused(key.data(&mut buffer, 1), &["LPD00", "has changed", "open the run again"]);
    refused(key.data(&mut key.buffer().unwrap(), 1), &["has changed"]);
    refused(run.keys("FXE_DET_LPD1M-1/DET/0CH0:xtdf"), &["has changed"]);
    open.set_len(len / 2).unwrap();
    refused(key.data(&mut buffer, 3), &["has changed"]);
    fs::remove_file(&file).unwrap();
    refused(key.data(&mut key.buffer().unwrap(), 1), &["LPD00", "is not there"]);
}

#[test]
fn what_is_given_of_a_file_that_changes_is_what_was_in_it() {
    for before in 0..18 {
        let scratch = Scratch::new();
        let path = scratch.copy("demo", "run", |name| name.contains("DA01"));
        let run = run_directory(&path).unwrap();
        let key = run.key::<f32, Ix1>("SA1_XTD2_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux").unwrap();
        let (all, mut buffer) = (key.ndarray().unwrap(), key.buffer().unwrap());
        for index in 0..before {
            key.data(&mut buffer, index).unwrap();
        }
        for file in fs::read_dir(&path).unwrap() {
            let path = file.unwrap().path();
            let len = fs::metadata(&path).unwrap().len();
            fs::write(path, vec![0xff; len as usize + 1]).unwrap();
        }
        let mut errors = 0;
        for index in before..key.trains() {
            match key.data(&mut buffer, index) {
                Ok(data) => assert_eq!(data.to_vec(), [all[index]], "train {index}, {before} read before"),
                Err(error) => {
                    assert!(error.to_string().contains("has changed"), "{error}");
                    errors += 1;
                }
            }
        }
        // The second of the two files is not open until it is needed.
        assert!(errors > 0 || before > 9, "{before} read before");
    }
}

#[test]
fn an_index_beyond_the_data_is_an_error() {
    let scratch = Scratch::new();
    // The counts of the entries of `kinds` and `chunks`.
    let counts: Vec<u8> = [1u64, 2, 0, 3, 1].iter().flat_map(|count| count.to_le_bytes()).collect();
    for wrong in [24, 1 << 40, u64::MAX] {
        let mut put = counts.clone();
        put[24..32].copy_from_slice(&wrong.to_le_bytes());
        let run = changed(&scratch, &counts, &put);
        let read = ["chunks.frame", "kinds.little.u2"].map(|key| run.key::<u16, IxDyn>(ODD, key).map(|_| ()));
        let error = read.into_iter().find_map(Result::err).expect("one of the two groups");
        refused(Err::<(), _>(error), &["train 20005", "entries", "damaged"]);
    }
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    let path = fixture("bad").join("RAW-R0007-BAD-S00000.h5");
    let run = h5_file(&path).unwrap();
    let source = "BAD/DET/0CH0:out";
    let refused = |key: &str, words: &[&str]| {
        let result = run.describe(source, key);
        refused(result, &[&["RAW-R0007-BAD", &*key.replace('.', "/")], words].concat());
    };
    refused("data.lzf", &["filter lzf"]);
    refused("data.scaleoffset", &["filter scale-offset"]);
    refused("data.unknown", &["filter", "(40000)"]);
    refused("data.virtual", &["virtual dataset"]);
    refused("data.shuffled", &["shuffled, not deflated"]);
    refused("data.external", &["external"]);
    refused("data.compound", &["records"]);
    refused("data.lists", &["lists of varying length"]);
    refused("data.half", &["f16"]);
    refused("data.bits", &["encoding of their own"]);
    refused("data.scalar", &["single value"]);
    refused("data.complex", &["records"]);
    crate::refused(run.describe(source, "data.cyclic"), &["no key"]);
    crate::refused(run.describe(source, "data.dangling"), &["no key"]);
    crate::refused(run.describe(source, "data.elsewhere"), &["no key"]);
    // Absurd shapes: far more than any memory holds, of which nothing is stored.
    crate::refused(run.describe(source, "data.absurd"), &["shape", "damaged"]);
    let huge = run.key::<u8, pasha::Ix2>(source, "data.huge").unwrap();
    crate::refused(read(&huge), &["bytes in 1 entries", "stored"]);
    crate::refused(huge.ndarray(), &["stored"]);
    // Groups that lead back to themselves are listed once.
    let keys = run.keys(source).unwrap_err();
    assert!(keys.to_string().contains("RAW-R0007-BAD"), "{keys}");
    assert!(keys.to_string().contains("BAD/DET/0CH0:out/data/virtual is a virtual dataset"), "{keys}");
    assert_eq!(run.keys("BAD/LOOP/0:out").unwrap(), ["data.fine"]);
}

#[test]
fn a_source_of_an_unknown_kind_is_an_error() {
    let scratch = Scratch::new();
    let path = scratch.copy("odd", "run", |name| name.contains("EARLIEST")).join("RAW-R0006-EARLIEST-S00000.h5");
    let mut bytes = fs::read(&path).unwrap();
    let name = b"CONTROL/ODD_EARLIEST";
    let place = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes[place] = b'X';
    fs::write(&path, bytes).unwrap();
    refused(h5_file(&path), &["EARLIEST", "METADATA/dataSourceId", "XONTROL"]);
}

#[test]
fn a_key_that_one_file_lacks_or_has_otherwise_is_an_error() {
    let scratch = Scratch::new();
    let path = scratch.copy("demo", "run", |name| name.contains("DA01"));
    let file = path.join("RAW-R0005-DA01-S00001.h5");
    let whole = fs::read(&file).unwrap();
    let rename = |from: &str, to: &str, path: &Path| {
        let mut bytes = whole.clone();
        let place = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        bytes[place..place + to.len()].copy_from_slice(to.as_bytes());
        fs::write(path, bytes).unwrap();
    };
    rename("photonFlux", "photonFlow", &file);
    // The header of the group has a checksum, so that the renaming shows as damage.
    let run = run_directory(&path).unwrap();
    refused(run.key::<f32, Ix1>("SA1_XTD2_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux"), &["DA01-S00001.h5"]);
    // The same train in two files.
    fs::copy(path.join("RAW-R0005-DA01-S00000.h5"), &file).unwrap();
    let run = run_directory(&path).unwrap();
    let words = ["DA01-S00001.h5", "train 10000", "DA01-S00000.h5"];
    refused(run.key::<f32, Ix1>("SA1_XTD2_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux"), &words);
}
