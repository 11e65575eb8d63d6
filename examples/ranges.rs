//! Ranges: each frame writes its events, more or fewer, into flat arrays at the place that a prefix sum gives it.

use ndarray::{Array3, ArrayView2};

const FRAMES: usize = 1000;

/// Counts the pixels that were hit.
#[pasha::kernel]
fn count(_worker_id: usize, _index: usize, frame: ArrayView2<'_, u16>) -> usize {
    frame.iter().filter(|&&pixel| pixel > 0).count()
}

/// Lists them.
#[pasha::kernel]
fn list(
    _worker_id: usize,
    index: usize,
    frame: ArrayView2<'_, u16>,
    #[out(ranges)] frame_of: &mut [u32],
    #[out(ranges)] position: &mut [[u16; 2]],
    #[out(ranges)] value: &mut [u16],
) {
    let hits = frame.indexed_iter().filter(|(_, pixel)| **pixel > 0);
    for (event, ((row, column), &pixel)) in hits.enumerate() {
        frame_of[event] = index as u32;
        position[event] = [row as u16, column as u16];
        value[event] = pixel;
    }
}

fn main() -> pasha::Result<()> {
    let mut frames = Array3::<u16>::zeros((FRAMES, 64, 64));
    for hit in 0..30_000 {
        let pixel = (hit * hit * 7919_usize) % frames.len();
        frames.as_slice_mut().unwrap()[pixel] += 1 + (hit % 900) as u16;
    }

    // One offset more than there are frames: frame i has the entries offsets[i]..offsets[i + 1].
    let counts = pasha::collect(count {}, &frames)?;
    let mut offsets = vec![0];
    offsets.extend(counts.iter().scan(0, |events, count| {
        *events += count;
        Some(*events)
    }));
    let events = offsets[FRAMES];

    let mut frame_of = pasha::alloc().shape(events).build()?;
    let mut position = pasha::alloc().shape(events).build()?;
    let mut value = pasha::alloc().shape(events).build()?;
    let outputs = list {
        frame_of: frame_of.ranges(&offsets)?,
        position: position.ranges(&offsets)?,
        value: value.ranges(&offsets)?,
    };
    println!("{}\n", pasha::map(outputs, &frames)?);

    println!(
        "{events} events in {FRAMES} frames, {} to {} in a frame",
        counts.iter().min().unwrap(),
        counts.iter().max().unwrap()
    );
    for event in (0..events).take(8) {
        let [row, column] = position[event];
        println!("frame {:>3}: {:>4} at ({row:>2}, {column:>2})", frame_of[event], value[event]);
    }

    for event in 0..events {
        let [row, column] = position[event].map(usize::from);
        let pixel = &mut frames[[frame_of[event] as usize, row, column]];
        assert_eq!(std::mem::take(pixel), value[event]);
    }
    assert!(frames.iter().all(|pixel| *pixel == 0), "every hit is an event");
    Ok(())
}
