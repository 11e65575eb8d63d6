//! Reductions: a powder sum, a histogram and a maximum, gathered by each worker on its own and folded after the map.

use ndarray::{Array3, ArrayView2, ArrayViewMut2};

const FRAMES: usize = 2000;
const SIDE: usize = 56;

/// Adds the photons of a frame to what was gathered before.
#[pasha::kernel]
fn gather(
    _worker_id: usize,
    _index: usize,
    frame: ArrayView2<'_, u16>,
    #[reduce(sum)] mut powder: ArrayViewMut2<'_, u64>,
    #[reduce(sum)] histogram: &mut [u64],
    #[reduce(max)] brightest: &mut u16,
) {
    powder.zip_mut_with(&frame, |sum, &photons| *sum += u64::from(photons));
    for &photons in frame {
        histogram[usize::from(photons)] += 1;
        *brightest = photons.max(*brightest);
    }
}

/// Photons on two rings, scattered by a small generator of random numbers.
fn frames() -> Array3<u16> {
    let mut state = 1_u64;
    Array3::from_shape_fn((FRAMES, SIDE, SIDE), |(_, row, column)| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let distance = |x: usize| x as f64 + 0.5 - SIDE as f64 / 2.0;
        let radius = distance(row).hypot(distance(column));
        let rings = 0.5 * (-(radius - 12.0).powi(2) / 4.0).exp() + 0.3 * (-(radius - 23.0).powi(2) / 3.0).exp();
        // Exponentially distributed energy, whole photons.
        let random = ((state >> 40) as f64 + 1.0) / (1 << 24) as f64;
        (-random.ln() * (0.08 + rings)) as u16
    })
}

fn main() -> pasha::Result<()> {
    let frames = frames();
    let mut powder = pasha::alloc().shape((SIDE, SIDE)).build()?;
    let mut histogram = pasha::alloc().shape(64).build()?;
    let mut brightest = pasha::alloc().shape(()).build()?;
    pasha::map(gather { powder: &mut powder, histogram: &mut histogram, brightest: &mut brightest }, &frames)?;

    assert_eq!(powder.sum(), frames.iter().map(|&photons| u64::from(photons)).sum());
    assert_eq!(histogram.sum(), frames.len() as u64);
    assert_eq!(brightest[()], *frames.iter().max().unwrap());

    let most = powder.iter().max().unwrap() + 1;
    for row in powder.rows().into_iter().step_by(2) {
        println!(
            "  {}",
            row.iter().map(|sum| char::from(b" .:-=+*#%@"[(sum * 10 / most) as usize])).collect::<String>()
        );
    }
    println!("\nphotons    pixels");
    for (photons, pixels) in histogram.iter().enumerate().take(usize::from(brightest[()]) + 1) {
        println!("{photons:>7} {pixels:>9}  {}", "#".repeat((1 + pixels).ilog2() as usize * 2));
    }
    Ok(())
}
