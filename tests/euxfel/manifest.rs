//! Every source, key and train, compared with what EXtra-data read: manifests as `make_runs.py` writes them.
//!
//! `PASHA_EUXFEL_RUNS=DIRECTORY cargo test --test euxfel` compares the runs in a directory, too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crc32fast::hash as crc32;
use ndarray::IxDyn;
use pasha::euxfel::{Key, Kind, Run, Strings, TrainData, Value, run_directory};
use serde_json::Value as Json;

use crate::fixture;

#[test]
fn a_detector_with_a_missed_train_is_read_as_extra_data_reads_it() {
    assert_eq!(compare(&fixture("lpd")), 40);
}

#[test]
fn the_run_of_the_examples_is_read_as_extra_data_reads_it() {
    compare(&fixture("demo"));
}

#[test]
fn whatever_hdf5_can_do_is_read_as_extra_data_reads_it() {
    compare(&fixture("odd"));
}

#[test]
fn the_runs_that_the_environment_names_are_read_as_extra_data_reads_them() {
    let Some(directory) = std::env::var_os("PASHA_EUXFEL_RUNS").map(PathBuf::from) else { return };
    let mut runs = 0;
    for entry in directory.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            println!("{}: {} keys", path.display(), compare(&path));
            runs += 1;
        }
    }
    assert!(runs > 0, "{} has no runs", directory.display());
}

/// Compares a run with its manifest; gives the number of keys.
fn compare(directory: &Path) -> usize {
    let manifest = std::fs::read(directory.with_extension("json")).unwrap();
    let manifest: Json = serde_json::from_slice(&manifest).unwrap();
    let run = run_directory(directory).unwrap();
    assert!(run.skipped().is_empty());
    let ids: Vec<u64> = manifest["train_ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
    assert_eq!(run.train_ids(), ids);

    let sources = manifest["sources"].as_object().unwrap();
    assert_eq!(run.sources().collect::<BTreeSet<_>>(), sources.keys().map(String::as_str).collect());
    let mut compared = 0;
    for (source, keys) in sources {
        let known = run.keys(source).unwrap();
        for (key, expected) in keys.as_object().unwrap() {
            assert!(known.contains(key), "{source} {key} is not listed in {known:?}");
            let context = format!("{}: {source} {key}", directory.display());
            assert_eq!(trains(&run, source, key, expected), counts_and_crcs(expected), "{context}");
            compared += 1;
        }
    }
    compared
}

fn counts_and_crcs(expected: &Json) -> Vec<(usize, u32)> {
    let number = |train: &Json, place: usize| train[place].as_u64().unwrap();
    expected["trains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|train| (number(train, 0) as usize, number(train, 1) as u32))
        .collect()
}

/// The same of what is read here, once type and shape are found to agree.
fn trains(run: &Run, source: &str, key: &str, expected: &Json) -> Vec<(usize, u32)> {
    let found = run.describe(source, key).unwrap();
    let entry: Vec<usize> =
        expected["entry"].as_array().unwrap().iter().map(|len| len.as_u64().unwrap() as usize).collect();
    assert_eq!(found.entry_shape, entry, "{source} {key}");
    let dtype = expected["dtype"].as_str().unwrap();
    let kind = match dtype {
        "object" => "string".to_owned(),
        "bool" => "i8".to_owned(),
        _ if dtype.starts_with("|S") => "string".to_owned(),
        dtype => short(dtype),
    };
    assert_eq!(found.kind.to_string(), kind, "{source} {key}");
    macro_rules! numbers {
        ($type:ty) => {
            of_numbers(&run.key::<$type, IxDyn>(source, key).unwrap(), |value: $type| value.to_le_bytes())
        };
    }
    match found.kind {
        Kind::Unsigned(1) => numbers!(u8),
        Kind::Unsigned(2) => numbers!(u16),
        Kind::Unsigned(4) => numbers!(u32),
        Kind::Unsigned(8) => numbers!(u64),
        Kind::Signed(1) => numbers!(i8),
        Kind::Signed(2) => numbers!(i16),
        Kind::Signed(4) => numbers!(i32),
        Kind::Signed(8) => numbers!(i64),
        Kind::Float(4) => numbers!(f32),
        Kind::Float(8) => numbers!(f64),
        Kind::Text(None) => of_strings(&run.strings(source, key).unwrap(), |texts| texts.join("\0").into_bytes()),
        Kind::Text(Some(len)) => of_strings(&run.strings(source, key).unwrap(), |texts| {
            texts.iter().flat_map(|text| text.bytes().chain(std::iter::repeat(0)).take(len)).collect()
        }),
        other => panic!("{source} {key}: {other}"),
    }
}

/// NumPy's `>u2` and `uint16` as `u16`.
fn short(dtype: &str) -> String {
    let dtype = dtype.trim_start_matches(['<', '>', '|', '=']);
    let letters: String = dtype.chars().take_while(|letter| letter.is_alphabetic()).collect();
    let digits = &dtype[letters.len()..];
    match &*letters {
        "uint" | "int" | "float" => format!("{}{digits}", &letters[..1]),
        _ => format!("{letters}{}", 8 * digits.parse::<usize>().unwrap()),
    }
}

fn of_numbers<T: Value, const N: usize>(key: &Key<T, IxDyn>, bytes: fn(T) -> [u8; N]) -> Vec<(usize, u32)> {
    let mut buffer = key.buffer().unwrap();
    let counts = key.data_counts();
    (0..key.trains())
        .map(|index| {
            let data = key.data(&mut buffer, index).unwrap();
            assert_eq!((data.shape()[0], &data.shape()[1..]), (counts[index], key.entry_shape()));
            let bytes: Vec<u8> = data.iter().flat_map(|&value| bytes(value)).collect();
            (counts[index], if counts[index] == 0 { 0 } else { crc32(&bytes) })
        })
        .collect()
}

fn of_strings(key: &Strings, bytes: impl Fn(&[String]) -> Vec<u8>) -> Vec<(usize, u32)> {
    let mut buffer = key.buffer().unwrap();
    let counts = key.data_counts();
    (0..key.trains())
        .map(|index| {
            let texts = key.data(&mut buffer, index).unwrap();
            (counts[index], if counts[index] == 0 { 0 } else { crc32(&bytes(texts)) })
        })
        .collect()
}
