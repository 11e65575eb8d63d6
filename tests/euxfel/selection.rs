//! Sources, keys, trains and regions: what is chosen, and what is refused.

use ndarray::{Array, Ix0, Ix1, Ix2, Ix3, Ix4, s};
use pasha::euxfel::{Run, TrainData, by_id, run_directory};

use crate::{fixture, refused};

const CAMERA: &str = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput";
const MONITOR: &str = "SA1_XTD2_XGM/DOOCS/MAIN";

fn demo() -> Run {
    run_directory(fixture("demo")).unwrap()
}

fn ids(run: &Run) -> Vec<u64> {
    run.train_ids().to_vec()
}

#[test]
fn trains_are_selected_by_place_and_by_id() {
    let run = demo();
    let all = ids(&run);
    assert_eq!(all, (10_000..10_018).collect::<Vec<_>>());
    let select = |run: &Run, trains: pasha::euxfel::Trains| ids(&run.select_trains(trains).unwrap());
    assert_eq!(select(&run, (3..5).into()), [10_003, 10_004]);
    assert_eq!(select(&run, (16..).into()), [10_016, 10_017]);
    assert_eq!(select(&run, (..=1).into()), [10_000, 10_001]);
    assert_eq!(select(&run, (..).into()), all);
    assert_eq!(select(&run, (15..100).into()), [10_015, 10_016, 10_017]);
    assert_eq!(select(&run, [7, 2, 7].into()), [10_002, 10_007]);
    assert_eq!(select(&run, 4.into()), [10_004]);
    assert_eq!(select(&run, by_id(10_003..=10_004)), [10_003, 10_004]);
    assert_eq!(select(&run, by_id(..10_002)), [10_000, 10_001]);
    assert_eq!(select(&run, by_id(10_016..)), [10_016, 10_017]);
    assert_eq!(select(&run, by_id([10_009, 10_001])), [10_001, 10_009]);
    assert_eq!(select(&run, by_id(10_005)), [10_005]);
    assert!(select(&run, by_id(5..9)).is_empty());
    refused(run.select_trains(18), &["no train 18 among 18"]);
    refused(run.select_trains(by_id(9)), &["no train 9 in this run", "10000 to 10017"]);
    // Of a selection, of a key.
    let some = run.select_trains(by_id(10_004..)).unwrap();
    assert_eq!(select(&some, (1..3).into()), [10_005, 10_006]);
    let key = some.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    assert_eq!(key.select_trains(by_id([10_005])).unwrap().train_ids(), [10_005]);
}

#[test]
fn trains_are_split_in_parts_of_one_size() {
    let run = demo();
    let sizes = |parts: &[Run]| parts.iter().map(|part| part.train_ids().len()).collect::<Vec<_>>();
    assert_eq!(sizes(&run.split_trains(4)), [4, 5, 4, 5]);
    assert_eq!(sizes(&run.split_trains(100)), [1; 18]);
    assert_eq!(sizes(&run.split_trains_by(8)), [6, 6, 6]);
    assert_eq!(run.split_trains(4).iter().flat_map(ids).collect::<Vec<_>>(), ids(&run));
    let key = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    let parts: Vec<u64> = key.split_trains(5).iter().flat_map(|part| part.train_ids()).collect();
    assert_eq!(parts, key.train_ids());
}

#[test]
fn sources_and_keys_are_selected_by_patterns() {
    let run = demo();
    let detector = run.select("*/DET/*", "image.*").unwrap();
    assert_eq!(detector.sources().count(), 15);
    let keys = detector.keys("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf").unwrap();
    assert!(keys.iter().all(|key| key.starts_with("image.")), "{keys:?}");
    refused(
        detector.key::<u64, Ix1>("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf", "header.pulseCount"),
        &["header.pulseCount", "selected"],
    );
    refused(detector.keys(MONITOR), &["no source"]);

    let some = run.select_any(&[(CAMERA, "data.image.[dp]*"), (MONITOR, "pulseEnergy.*"), (MONITOR, "state")]).unwrap();
    assert_eq!(some.keys(CAMERA).unwrap(), ["data.image.dimTypes", "data.image.dims", "data.image.pixels"]);
    let keys = some.keys(MONITOR).unwrap();
    assert!(keys.contains(&"state.value".to_owned()) && keys.contains(&"pulseEnergy.photonFlux.value".to_owned()));
    assert!(!keys.contains(&"state.timestamp".to_owned()));
    assert_eq!(run.select("*", "*").unwrap().sources().count(), run.sources().count());
    assert_eq!(run.control_sources().collect::<Vec<_>>(), [MONITOR]);
    assert_eq!(run.instrument_sources().count(), 17);

    refused(run.select("*CAMERA*", "*"), &["nothing", "*CAMERA*"]);
    refused(run.select(CAMERA, "image.pixel"), &["nothing", "image.pixel"]);
    refused(run.select("SPB_IRU_CAM/CAM/SIDEMIC:daqOutpu", "*"), &["did you mean", CAMERA]);

    let both = run.select_any(&[(CAMERA, "data.image.pixels"), (MONITOR, "state.value")]).unwrap();
    let full = both.require_all().unwrap();
    assert_eq!(full.train_ids().len(), 14);
    assert!(![10_001, 10_002, 10_010, 10_011].iter().any(|id| full.train_ids().contains(id)));
}

#[test]
fn a_missing_source_or_key_is_refused_with_those_that_are_like_it() {
    let run = demo();
    refused(run.keys("SA1_XTD2_XGM/DOOCS/MAINS"), &["no source", "did you mean", "`SA1_XTD2_XGM/DOOCS/MAIN`"]);
    refused(run.key::<u16, Ix3>(CAMERA, "data.image.pixel"), &["no key `data.image.pixel`", "`data.image.pixels`"]);
    refused(run.key::<u16, Ix3>(CAMERA, "image.pixels"), &["no key", "`data.image.pixels`"]);
    refused(run.key::<u16, Ix3>(CAMERA, "data.image"), &["no key"]);
    refused(run.key::<u16, Ix3>(CAMERA, ""), &["no key"]);
    refused(run.key::<u16, Ix3>(CAMERA, "data.image.pixels.value"), &["no key"]);
}

#[test]
fn another_type_or_rank_is_refused_with_both_named() {
    let run = demo();
    refused(
        run.key::<f32, Ix3>(CAMERA, "data.image.pixels"),
        &["u16 with 3 axes", "entries × 48 × 64", "f32", "<u16, Ix3>"],
    );
    refused(run.key::<u16, Ix2>(CAMERA, "data.image.pixels"), &["3 axes", "not u16 with 2"]);
    refused(run.key::<u8, Ix1>(MONITOR, "state"), &["string", "not u8", "`strings`"]);
    refused(run.strings(MONITOR, "pulseEnergy.photonFlux"), &["f32", "not strings", "<f32, Ix1>"]);
    let modules = run.detector::<u16, Ix3>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16);
    refused(modules, &["4 axes", "modules × entries × 32 × 16", "<u16, Ix4>"]);
}

#[test]
fn the_value_of_a_control_key_goes_without_saying() {
    let run = demo();
    let short = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    let long = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux.value").unwrap();
    assert_eq!(short.name(), long.name());
    assert_eq!(short.ndarray().unwrap(), long.ndarray().unwrap());
    let state = run.strings(MONITOR, "state").unwrap();
    let mut buffer = state.buffer().unwrap();
    assert_eq!(state.data(&mut buffer, 2).unwrap(), ["ERRÉUR"]);
}

#[test]
fn counts_and_their_sums_fit_the_array_of_all_entries() {
    let run = demo();
    let key = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    let counts = key.data_counts();
    assert_eq!(counts, [1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1]);
    let all = key.ndarray().unwrap();
    assert_eq!((all.shape(), key.entries()), (&[14, 48, 64][..], 14));
    let offsets = key.offsets();
    assert_eq!((offsets.len(), offsets[0], offsets[18]), (19, 0, 14));
    let mut buffer = key.buffer().unwrap();
    for index in (0..18).rev() {
        let data = key.data(&mut buffer, index).unwrap();
        assert_eq!(data, all.slice(s![offsets[index]..offsets[index + 1], .., ..]));
    }
    let full = key.drop_empty_trains();
    assert_eq!((full.trains(), full.train_ids()[1]), (14, 10_003));
    assert_eq!(full.ndarray().unwrap(), all);
}

#[test]
fn regions_are_what_slices_of_whole_entries_are() {
    let run = run_directory(fixture("odd")).unwrap();
    for version in ["EARLIEST", "LATEST"] {
        let source = format!("ODD_{version}/DET/0CH0:out");
        for key in run.keys(&source).unwrap().iter().filter(|key| key.starts_with("chunks.")) {
            let Ok(key) = run.key::<u16, Ix3>(&source, key) else { continue };
            let whole = key.ndarray().unwrap();
            for (rows, columns) in [(0..9, 0..7), (2..6, 1..7), (8..9, 6..7), (4..4, 0..3), (3..5, 0..7)] {
                let part = key.clone().roi(s![rows.clone(), columns.clone()]).unwrap();
                assert_eq!(part.entry_shape(), [rows.len(), columns.len()]);
                let expected: Array<u16, _> = whole.slice(s![.., rows.clone(), columns.clone()]).to_owned();
                assert_eq!(part.ndarray().unwrap(), expected, "{key:?} {rows:?} {columns:?}");
                let mut buffer = part.buffer().unwrap();
                let at = key.offsets();
                for index in 0..part.trains() {
                    let data = part.data(&mut buffer, index).unwrap();
                    assert_eq!(data, expected.slice(s![at[index]..at[index + 1], .., ..]), "{key:?} {index}");
                }
            }
        }
    }
    let key = demo().key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    assert_eq!(key.clone().roi(s![-8.., ..-60]).unwrap().entry_shape(), [8, 4]);
    assert_eq!(key.clone().roi(s![3..5]).unwrap().entry_shape(), [2, 64]);
    refused(key.clone().roi(s![0..49, ..]), &["0 to 49", "[48, 64]"]);
    refused(key.clone().roi(s![-49.., ..]), &["-49"]);
    refused(key.clone().roi(s![..;2, ..]), &["step 1"]);
    refused(key.clone().roi(s![3, ..]), &["ranges"]);
    refused(key.roi(s![.., .., ..]), &["3 axes"]);
}

#[test]
fn single_entries_have_no_axis_of_their_own() {
    let run = demo();
    let energy = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    let all = energy.ndarray().unwrap();
    let energy: pasha::euxfel::Key<f32, Ix0, _> = energy.single();
    let mut buffer = energy.buffer().unwrap();
    assert_eq!(energy.data(&mut buffer, 4).unwrap()[()], all[4]);

    let frames = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap().single();
    let mut buffer = frames.buffer().unwrap();
    assert_eq!(frames.data(&mut buffer, 0).unwrap().shape(), [48, 64]);
    refused(frames.data(&mut buffer, 1), &["no data in train 10001", "optional", "drop_empty_trains"]);
    let frames = frames.optional();
    assert!(frames.data(&mut buffer, 1).unwrap().is_none());
    assert_eq!(frames.data(&mut buffer, 3).unwrap().unwrap().shape(), [48, 64]);

    let pulses = run.key::<u64, Ix2>("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf", "image.pulseId").unwrap();
    let several = pulses.data_counts().iter().position(|&count| count > 1).unwrap();
    let pulses = pulses.single();
    refused(pulses.data(&mut pulses.buffer().unwrap(), several), &["entries in train", "`single`"]);
}

#[test]
fn modules_are_stacked_and_missing_ones_filled() {
    let run = demo();
    let pattern = "SPB_DET_AGIPD1M-1/DET/*CH0:xtdf";
    let detector = run.detector::<u16, Ix4>(pattern, "image.data", 0..16).unwrap().fill(7);
    assert_eq!(detector.modules(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]);
    let counts = detector.data_counts().unwrap();
    let modules: Vec<_> = (0..16)
        .map(|number| run.key::<u16, Ix3>(&pattern.replace('*', &number.to_string()), "image.data").ok())
        .collect();
    let mut buffer = detector.buffer().unwrap();
    for (index, &count) in counts.iter().enumerate() {
        let data = detector.data(&mut buffer, index).unwrap();
        assert_eq!(data.shape(), [16, count, 32, 16]);
        for (data, module) in data.outer_iter().zip(&modules) {
            match module {
                Some(module) => assert_eq!(data, module.data(&mut module.buffer().unwrap(), index).unwrap()),
                None => assert!(data.iter().all(|&pixel| pixel == 7)),
            }
        }
    }
    let part = detector.clone().roi(s![4..8, ..]).unwrap();
    let mut other = part.buffer().unwrap();
    assert_eq!(part.data(&mut other, 3).unwrap(), detector.data(&mut buffer, 3).unwrap().slice(s![.., .., 4..8, ..]));

    // A module that missed a train, and one that is there alone.
    let run = run_directory(fixture("lpd")).unwrap();
    let lpd = run.detector::<u16, pasha::Ix5>("FXE_DET_LPD1M-1/DET/*CH0:xtdf", "image.data", 0..2).unwrap().fill(1);
    let mut buffer = lpd.buffer().unwrap();
    let data = lpd.data(&mut buffer, 2).unwrap();
    assert_eq!(data.shape(), [2, 4, 1, 32, 16]);
    assert!(data.index_axis(ndarray::Axis(0), 1).iter().all(|&pixel| pixel == 1));
    assert!(data.index_axis(ndarray::Axis(0), 0).iter().any(|&pixel| pixel != 1));
    assert_eq!(lpd.clone().min_modules(2).train_ids(), [10_000, 10_001, 10_003, 10_004]);
    assert_eq!(lpd.clone().drop_empty_trains().trains(), 5);
    assert_eq!(lpd.select_trains(by_id(10_003..)).unwrap().train_ids(), [10_003, 10_004]);

    refused(run.detector::<u16, Ix4>("FXE_DET_LPD1M-1/DET/0CH0:xtdf", "image.data", 0..2), &["one `*`"]);
    refused(
        run.detector::<u16, pasha::Ix5>("FXE_DET_LPD1M-1/DET/*CH0:xtdf", "image.data", 2..4),
        &["none of the modules 2..4"],
    );
}

#[test]
fn trains_are_the_same_whichever_were_read_before() {
    let run = run_directory(fixture("odd")).unwrap();
    let mut keys = 0;
    for source in ["ODD_EARLIEST/DET/0CH0:out", "ODD_LATEST/DET/0CH0:out"] {
        for name in run.keys(source).unwrap() {
            let Ok(key) = run.key::<u16, Ix3>(source, &name) else { continue };
            let trains = key.trains();
            let alone: Vec<_> =
                (0..trains).map(|index| key.data(&mut key.buffer().unwrap(), index).unwrap().to_owned()).collect();
            let mut buffer = key.buffer().unwrap();
            let steps = (0..trains).flat_map(|step| (0..2 * trains).map(move |place| place * step % trains));
            for index in steps.chain((0..trains).rev()) {
                assert_eq!(key.data(&mut buffer, index).unwrap(), alone[index], "train {index} of {name}");
            }
            keys += 1;
        }
    }
    assert!(keys > 80, "{keys}");
}
