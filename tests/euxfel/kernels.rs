//! Kernels over runs, in contexts with and without threads.

use ndarray::{ArrayView0, ArrayView1, ArrayView2, ArrayView3, ArrayView4, Axis, Ix0, Ix1, Ix2, Ix3, Ix4};
use pasha::euxfel::{DataOnly, Key, Run, Single, Strings, run_directory, together};
use pasha::functor::check::check;
use pasha::prelude::*;

use crate::{fixture, refused};

const CAMERA: &str = "SPB_IRU_CAM/CAM/SIDEMIC:daqOutput";
const MONITOR: &str = "SA1_XTD2_XGM/DOOCS/MAIN";
const MODULE: &str = "SPB_DET_AGIPD1M-1/DET/4CH0:xtdf";

fn demo() -> Run {
    run_directory(fixture("demo")).unwrap()
}

fn contexts() -> Vec<Context> {
    ["serial", "threads:2", "threads:3"].map(|context| context.parse().unwrap()).to_vec()
}

#[pasha::kernel]
fn where_is(_worker_id: usize, index: usize, train_id: u64, entries: ArrayView3<'_, u16>, #[out] found: &mut [u64]) {
    found.copy_from_slice(&[index as u64, train_id, entries.len_of(Axis(0)) as u64]);
}

/// The case that Python's pasha gets wrong: a source that missed trains.
#[test]
fn index_and_train_id_agree_whatever_is_missing() {
    let run = run_directory(fixture("lpd")).unwrap();
    let key = run.key::<u64, Ix2>("FXE_DET_LPD1M-1/DET/1CH0:xtdf", "image.trainId").unwrap();

    #[pasha::kernel]
    fn compare(
        _worker_id: usize,
        index: usize,
        train_id: u64,
        recorded: ArrayView2<'_, u64>,
        #[out] found: &mut [u64],
    ) {
        // Whoever wrote the fixture counted on: it did not know of the missed train.
        let written = train_id - u64::from(train_id > 10_002);
        assert!(recorded.iter().all(|&recorded| recorded == written));
        found.copy_from_slice(&[index as u64, train_id, recorded.len() as u64]);
    }

    for context in contexts() {
        let mut found = context.alloc::<u64>().shape((5, 3)).build().unwrap();
        context.map(compare { found: &mut found }, &key).unwrap();
        assert_eq!(
            found,
            ndarray::array![[0, 10_000, 4], [1, 10_001, 4], [2, 10_002, 0], [3, 10_003, 4], [4, 10_004, 4]]
        );

        let full = key.clone().drop_empty_trains();
        let mut found = context.alloc::<u64>().shape((4, 3)).build().unwrap();
        context.map(compare { found: &mut found }, &full).unwrap();
        assert_eq!(found.index_axis(Axis(1), 1).to_vec(), full.train_ids());
    }

    let run = demo();
    let key = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    for context in contexts() {
        let mut found = context.alloc::<u64>().shape((18, 3)).build().unwrap();
        context.map(where_is { found: &mut found }, &key).unwrap();
        for (index, found) in found.outer_iter().enumerate() {
            let missed = [1, 2, 10, 11].contains(&index);
            assert_eq!(found.to_vec(), [index as u64, run.train_ids()[index], u64::from(!missed)]);
        }
    }
}

#[pasha::kernel]
fn pulse(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    frames: ArrayView3<'_, u16>,
    pulse_ids: ArrayView2<'_, u64>,
    energy: ArrayView0<'_, f32>,
    #[out(ranges)] mean: &mut [f64],
    #[out(ranges)] id: &mut [u64],
) {
    for (pulse, frame) in frames.outer_iter().enumerate() {
        mean[pulse] = frame.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / f64::from(energy[()]);
        id[pulse] = pulse_ids[[pulse, 0]];
    }
}

#[test]
fn several_keys_go_together_and_fill_flat_outputs() {
    let run = demo();
    let frames = run.key::<u16, Ix3>(MODULE, "image.data").unwrap();
    let pulse_ids = run.key::<u64, Ix2>(MODULE, "image.pulseId").unwrap();
    let energy = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    let (all, energies, offsets) = (frames.ndarray().unwrap(), energy.ndarray().unwrap(), frames.offsets());
    let energy = energy.single();
    for context in contexts() {
        let mut mean = context.alloc::<f64>().shape(frames.entries()).build().unwrap();
        let mut id = context.alloc::<u64>().shape(frames.entries()).build().unwrap();
        let outputs = pulse { mean: mean.ranges(&offsets).unwrap(), id: id.ranges(&offsets).unwrap() };
        context.map(outputs, together((&frames, &pulse_ids, &energy))).unwrap();
        for train in 0..18 {
            for entry in offsets[train]..offsets[train + 1] {
                let sum: f64 = all.index_axis(Axis(0), entry).iter().map(|&pixel| f64::from(pixel)).sum();
                assert_eq!(mean[entry], sum / f64::from(energies[train]));
                assert_eq!(id[entry], (entry - offsets[train]) as u64);
            }
        }
    }
}

#[test]
fn keys_with_other_trains_do_not_go_together() {
    let run = demo();
    let camera = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap().drop_empty_trains();
    let ids = run.key::<u64, Ix1>(CAMERA, "data.trainId").unwrap();
    let items = |functor: &dyn Fn() -> pasha::Result<usize>| functor();
    refused(items(&|| together((&ids, &camera)).items()), &["train 10001 at index 1", "key 1 has train 10003"]);
    let early = ids.clone().select_trains(..10).unwrap();
    refused(items(&|| together((&early, &ids)).items()), &["key 0 has 10 trains, but key 1 has 18"]);
    assert_eq!(together((&ids, ids.clone().optional())).items().unwrap(), 18);
}

#[pasha::kernel]
fn frame(
    _worker_id: usize,
    _index: usize,
    train_id: u64,
    entry: usize,
    frame: ArrayView2<'_, u16>,
    #[out] found: &mut [u64],
) {
    found.copy_from_slice(&[train_id, entry as u64, frame.iter().map(|&pixel| u64::from(pixel)).sum()]);
}

#[test]
fn entries_go_one_by_one_through_all_trains() {
    let run = demo();
    for (source, key) in [(MODULE, "image.data"), (CAMERA, "data.image.pixels")] {
        let key = run.key::<u16, Ix3>(source, key).unwrap();
        let (all, offsets, ids) = (key.ndarray().unwrap(), key.offsets(), key.train_ids());
        let entries = key.clone().by_entry();
        assert_eq!(entries.train_ids().len(), key.entries());
        for context in contexts() {
            let mut found = context.alloc::<u64>().shape((key.entries(), 3)).build().unwrap();
            context.map(frame { found: &mut found }, &entries).unwrap();
            for train in 0..18 {
                for place in offsets[train]..offsets[train + 1] {
                    let sum = all.index_axis(Axis(0), place).iter().map(|&pixel| u64::from(pixel)).sum();
                    assert_eq!(found.row(place).to_vec(), [ids[train], (place - offsets[train]) as u64, sum]);
                    assert_eq!(entries.train_ids()[place], ids[train]);
                }
            }
        }
        check(&entries, |(id, entry, data)| (id, entry, data.to_owned()));
        assert!(entries.item(&mut entries.state().unwrap(), key.entries()).is_err());
    }
}

#[derive(Functor)]
struct Shots {
    train_id: Vec<u64>,
    frames: Key<u16, Ix3>,
    energy: DataOnly<Key<f32, Ix0, Single>>,
    state: DataOnly<Strings>,
}

#[pasha::kernel]
fn shot(_worker_id: usize, _index: usize, shot: ShotsItem<'_>, #[out] sum: &mut f64) {
    let (train_id, frames) = shot.frames;
    assert_eq!(*shot.train_id, train_id);
    assert_eq!(shot.state.len(), 1);
    *sum = frames.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() * f64::from(shot.energy[()]);
}

#[test]
fn a_struct_of_keys_is_a_run_of_shots() {
    let run = demo();
    let frames = run.key::<u16, Ix3>(MODULE, "image.data").unwrap();
    let energy = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    let (all, energies, offsets) = (frames.ndarray().unwrap(), energy.ndarray().unwrap(), frames.offsets());
    let shots = Shots {
        train_id: frames.train_ids(),
        frames,
        energy: energy.single().data_only(),
        state: run.strings(MONITOR, "state").unwrap().data_only(),
    };
    for context in contexts() {
        let mut sum = context.alloc::<f64>().shape(18).build().unwrap();
        context.map(shot { sum: &mut sum }, &shots).unwrap();
        for train in 0..18 {
            let entries = all.slice(ndarray::s![offsets[train]..offsets[train + 1], .., ..]);
            let expected = entries.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() * f64::from(energies[train]);
            assert_eq!(sum[train], expected);
        }
    }
}

#[pasha::kernel]
fn modules(
    _worker_id: usize,
    _index: usize,
    _train_id: u64,
    data: ArrayView4<'_, u16>,
    #[reduce(sum)] sums: &mut [u64],
) {
    for (module, sum) in data.outer_iter().zip(sums) {
        *sum += module.iter().map(|&pixel| u64::from(pixel)).sum::<u64>();
    }
}

#[test]
fn a_detector_is_mapped_over_module_by_module() {
    let run = demo();
    let detector = run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16).unwrap();
    let mut expected = [0; 16];
    for number in detector.modules() {
        let key = run.key::<u16, Ix3>(&format!("SPB_DET_AGIPD1M-1/DET/{number}CH0:xtdf"), "image.data").unwrap();
        expected[number] = key.ndarray().unwrap().iter().map(|&pixel| u64::from(pixel)).sum();
    }
    for context in contexts() {
        let mut sums = context.alloc::<u64>().shape(16).build().unwrap();
        context.map(modules { sums: &mut sums }, &detector).unwrap();
        assert_eq!(sums.to_vec(), expected);
    }
    assert_eq!(expected[9], 0);
}

#[test]
fn what_keys_give_holds_the_contract_of_functors() {
    let run = demo();
    let frames = run.key::<u16, Ix3>(CAMERA, "data.image.pixels").unwrap();
    check(&frames, |(id, frames)| (id, frames.to_owned()));
    check(&frames.clone().optional(), |(id, frames)| (id, frames.map(|frames| frames.to_owned())));
    check(&frames.drop_empty_trains().single(), |(id, frame)| (id, frame.to_owned()));
    check(&run.strings(MONITOR, "state").unwrap(), |(id, state)| (id, state.to_vec()));
    let detector = run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16).unwrap();
    check(&detector, |(id, data)| (id, data.to_owned()));
    // Several trains in a chunk, in any order.
    let run = run_directory(fixture("odd")).unwrap();
    for key in ["several_all", "both_all", "unfiltered", "partly_gzip", "growing_gzip"] {
        if let Ok(key) = run.key::<u16, Ix3>("ODD_LATEST/DET/0CH0:out", &format!("chunks.{key}")) {
            check(&key, |(id, data)| (id, data.to_owned()));
        }
    }
}

#[pasha::kernel]
fn row(_worker_id: usize, _index: usize, _train_id: u64, _values: ArrayView1<'_, f32>) {}

#[test]
fn an_error_of_a_file_names_the_item_and_the_place() {
    let scratch = crate::Scratch::new();
    let path = scratch.copy("demo", "run", |name| name.contains("DA01"));
    let run = run_directory(&path).unwrap();
    let energy = run.key::<f32, Ix1>(MONITOR, "pulseEnergy.photonFlux").unwrap();
    std::fs::remove_file(path.join("RAW-R0005-DA01-S00001.h5")).unwrap();
    for context in contexts() {
        let error = context.map(row {}, &energy).unwrap_err();
        assert_eq!(error.index(), Some(9));
        refused(Err::<(), _>(error), &["DA01-S00001.h5", "is not there"]);
    }
}
