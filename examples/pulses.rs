//! Pulses: trains have more or fewer of them, and each pulse has a place of its own in flat outputs, by a prefix sum.

use std::path::Path;

use ndarray::{ArrayView1, ArrayView2, ArrayView3, Ix1, Ix2, Ix3};
use pasha::euxfel::{run_directory, together};

const MODULE: &str = "SPB_DET_AGIPD1M-1/DET/3CH0:xtdf";

/// The photons in each frame of a train, its pulse, and both over the pulse energy of the train.
#[pasha::kernel]
fn analyse(
    _worker_id: usize,
    _index: usize,
    train_id: u64,
    frames: ArrayView3<'_, u16>,
    pulse_ids: ArrayView2<'_, u64>,
    flux: ArrayView1<'_, f32>,
    #[out(ranges)] train: &mut [u64],
    #[out(ranges)] pulse: &mut [u64],
    #[out(ranges)] photons: &mut [u64],
    #[out(ranges)] yields: &mut [f64],
) {
    for (place, frame) in frames.outer_iter().enumerate() {
        let counted = frame.iter().map(|&pixel| u64::from(pixel)).sum();
        train[place] = train_id;
        pulse[place] = pulse_ids[[place, 0]];
        photons[place] = counted;
        yields[place] = counted as f64 / f64::from(flux[0]);
    }
}

fn main() -> pasha::Result<()> {
    let run = run_directory(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/euxfel/demo"))?;
    let frames = run.key::<u16, Ix3>(MODULE, "image.data")?;
    let pulse_ids = run.key::<u64, Ix2>(MODULE, "image.pulseId")?;
    let flux = run.key::<f32, Ix1>("SA1_XTD2_XGM/DOOCS/MAIN", "pulseEnergy.photonFlux")?;

    // Train i has the pulses offsets[i]..offsets[i + 1].
    let offsets = frames.offsets();
    let pulses = frames.entries();
    let mut train = pasha::alloc().shape(pulses).build()?;
    let mut pulse = pasha::alloc().shape(pulses).build()?;
    let mut photons = pasha::alloc().shape(pulses).build()?;
    let mut yields = pasha::alloc().shape(pulses).build()?;
    let outputs = analyse {
        train: train.ranges(&offsets)?,
        pulse: pulse.ranges(&offsets)?,
        photons: photons.ranges(&offsets)?,
        yields: yields.ranges(&offsets)?,
    };
    println!("{}\n", pasha::map(outputs, together((&frames, &pulse_ids, &flux)))?);

    println!("{pulses} pulses in {} trains", run.train_ids().len());
    let most = yields.iter().copied().fold(0.0, f64::max);
    for place in 0..12 {
        let bar = "█".repeat((40.0 * yields[place] / most) as usize);
        println!("train {}, pulse {}: {:>5} photons  {bar}", train[place], pulse[place], photons[place]);
    }

    let all = frames.ndarray()?;
    assert_eq!(photons.iter().sum::<u64>(), all.iter().map(|&pixel| u64::from(pixel)).sum());
    for (index, count) in frames.data_counts().into_iter().enumerate() {
        let places = offsets[index]..offsets[index + 1];
        assert!(places.clone().all(|place| train[place] == run.train_ids()[index]));
        assert!(places.map(|place| pulse[place]).eq(0..count as u64));
    }
    // The pulses of a train get weaker by a tenth of the first, and the beam is the same for all.
    let mean_of = |wanted: u64| {
        let of: Vec<f64> = (0..pulses).filter(|place| pulse[*place] == wanted).map(|place| yields[place]).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!((mean_of(1) / mean_of(0) - 0.9).abs() < 0.02 && (mean_of(2) / mean_of(0) - 0.8).abs() < 0.02);
    Ok(())
}
