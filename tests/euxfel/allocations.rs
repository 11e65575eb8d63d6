//! Once a worker has read its largest train, it reads the others without allocating anything.

use std::path::PathBuf;

use allocation_counter::measure;
use ndarray::{Ix1, Ix2, Ix3, Ix4, s};
use pasha::Functor;
use pasha::euxfel::{Run, TrainData, run_directory};

fn open(name: &str) -> Run {
    run_directory(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/euxfel").join(name)).unwrap()
}

#[track_caller]
fn allocates_nothing(key: &impl TrainData) {
    let mut buffer = key.buffer().unwrap();
    let mut pass = || (0..key.trains()).for_each(|index| drop(key.data(&mut buffer, index).unwrap()));
    pass();
    let allocated = measure(pass);
    assert_eq!((allocated.count_total, allocated.bytes_total), (0, 0), "in {} trains", key.trains());
}

#[test]
fn trains_of_frames_are_read_without_allocating() {
    let run = open("demo");
    let camera = run.key::<u16, Ix3>("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels").unwrap();
    allocates_nothing(&camera);
    allocates_nothing(&camera.clone().optional());
    allocates_nothing(&camera.clone().drop_empty_trains().single());
    allocates_nothing(&camera.roi(s![10..20, 3..]).unwrap());
    allocates_nothing(&run.key::<u64, Ix2>("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf", "image.pulseId").unwrap());
    allocates_nothing(&run.key::<f32, Ix1>("SA1_XTD2_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux").unwrap());
    allocates_nothing(&run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16).unwrap());
}

#[test]
fn entries_are_read_without_allocating() {
    let run = open("demo");
    let key = run.key::<u16, Ix3>("SPB_DET_AGIPD1M-1/DET/0CH0:xtdf", "image.data").unwrap().by_entry();
    let mut buffer = key.state().unwrap();
    let mut pass = || {
        for index in 0..key.items().unwrap() {
            let _ = key.item(&mut buffer, index).unwrap();
        }
    };
    pass();
    assert_eq!(measure(pass).count_total, 0);
}

#[test]
fn chunks_of_all_sorts_are_read_without_allocating() {
    let run = open("odd");
    let mut keys = 0;
    for source in ["ODD_EARLIEST/DET/0CH0:out", "ODD_LATEST/DET/0CH0:out"] {
        for name in run.keys(source).unwrap() {
            let Ok(key) = run.key::<u16, Ix3>(source, &name) else { continue };
            allocates_nothing(&key);
            allocates_nothing(&key.roi(s![1..5, 2..]).unwrap());
            keys += 1;
        }
    }
    assert!(keys > 80, "{keys}");
}
