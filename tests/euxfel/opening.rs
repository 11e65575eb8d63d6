//! Opening runs in three ways, and what is said when there is nothing to open.

use pasha::Ix1;
use pasha::euxfel::{h5_file, open_run_in, run_directory};

use crate::{Scratch, fixture, refused};

const MONITOR: &str = "SA1_XTD2_XGM/DOOCS/MAIN";

#[test]
fn a_run_is_opened_by_its_numbers_with_raw_before_processed_data() {
    let scratch = Scratch::new();
    let proposal = "SPB/202601/p900123";
    scratch.copy("demo", &format!("{proposal}/raw/r0005"), |name| name.contains("DA01-S00000"));
    let processed = scratch.copy("demo", &format!("{proposal}/proc/r0005"), |name| {
        name.contains("AGIPD03") || name.contains("DA01-S00001")
    });
    scratch.copy("lpd", &format!("{proposal}/raw/r0006"), |_| true);
    scratch.copy("lpd", &format!("{proposal}/proc/r0007"), |_| true);
    let open = |proposal: u32, run: u32| open_run_in(&scratch.0, proposal, run);

    let run = open(900_123, 5).unwrap();
    // The slow data have two sequences, of which the processed one is not asked: its source is a raw one.
    let energy = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    assert_eq!(run.train_ids().len(), 18);
    assert_eq!(energy.data_counts(), [[1; 9], [0; 9]].concat());
    assert!(run.sources().any(|source| source == "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf"));

    scratch.copy("lpd", &format!("{proposal}/proc/r0006"), |_| false);
    assert_eq!(open(900_123, 6).unwrap().train_ids().len(), 5);
    assert_eq!(open(900_123, 7).unwrap().train_ids().len(), 5);
    refused(open(900_123, 8), &["no run 8", "raw/r0008", "proc/r0008"]);
    refused(open(900_124, 5), &["no proposal p900124", "EXTRA_DATA_DATA_ROOT"]);
    std::fs::remove_dir_all(processed).unwrap();
    assert_eq!(open(900_123, 5).unwrap().sources().count(), 3);
}

#[test]
fn one_file_is_a_run() {
    let run = h5_file(fixture("lpd").join("RAW-R0450-LPD01-S00000.h5")).unwrap();
    assert_eq!(run.train_ids(), [10_000, 10_001, 10_003, 10_004]);
    assert_eq!(run.sources().collect::<Vec<_>>(), ["FXE_DET_LPD1M-1/DET/1CH0:xtdf"]);
    refused(h5_file(fixture("lpd")), &["run_directory"]);
    refused(h5_file(fixture("lpd").join("absent.h5")), &["absent.h5", "is not there"]);
    refused(h5_file(fixture("lpd.json")), &["lpd.json", "magic"]);
}

#[test]
fn a_bad_file_is_skipped_and_listed() {
    let scratch = Scratch::new();
    let path = scratch.copy("lpd", "run", |_| true);
    std::fs::write(path.join("RAW-R0450-LPD02-S00000.h5"), b"not what its name says").unwrap();
    std::fs::write(path.join("overview.h5"), b"nor is this, which is not looked at").unwrap();
    let run = run_directory(&path).unwrap();
    let [skipped] = run.skipped() else { panic!("{:?}", run.skipped()) };
    assert!(skipped.path.ends_with("RAW-R0450-LPD02-S00000.h5"));
    assert!(skipped.error.to_string().contains("LPD02"), "{}", skipped.error);
    assert_eq!(run.sources().count(), 2);
    assert!(run.to_string().contains("5 trains, 10000 to 10004, in 2 files"), "{run}");
    refused(run.keys("FXE_DET_LPD1M-1/DET/2CH0:xtdf"), &["1 of its files cannot be read", "did you mean"]);
}

#[test]
fn a_run_of_bad_files_is_refused() {
    let scratch = Scratch::new();
    std::fs::write(scratch.0.join("RAW-R0001-DA01-S00000.h5"), b"").unwrap();
    refused(run_directory(&scratch.0), &["no file that can be read", "DA01"]);
    let empty = scratch.copy("lpd", "empty", |_| false);
    refused(run_directory(&empty), &["empty", "no files"]);
    refused(run_directory(scratch.0.join("absent")), &["absent", "cannot be listed"]);
}

/// As format version 1.1 names the time server.
#[test]
fn the_time_server_is_no_source() {
    let scratch = Scratch::new();
    let path = scratch.copy("odd", "run", |name| name.contains("EARLIEST")).join("RAW-R0006-EARLIEST-S00000.h5");
    assert_eq!(h5_file(&path).unwrap().control_sources().count(), 1);
    let mut bytes = std::fs::read(&path).unwrap();
    let [motor, server] = [b"CONTROL/ODD_EARLIEST/MOTOR/X", b"Karabo_TimerServer/BACKBONE/"];
    let place = bytes.windows(motor.len()).position(|window| window == motor).unwrap();
    bytes[place..place + motor.len()].copy_from_slice(server);
    std::fs::write(&path, bytes).unwrap();
    let run = h5_file(&path).unwrap();
    assert_eq!((run.control_sources().count(), run.instrument_sources().count()), (0, 1));
}
