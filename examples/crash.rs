//! A crash: the code for some frames is killed by a segmentation fault. The map fails and says which frame it was; or tries such frames again; or
//! leaves them out and does all the others.

use pasha::ErrorKind;
use pasha::prelude::*;

const FRAMES: usize = 1000;
const CORRUPT: [usize; 2] = [321, 765];
const FLAKY: usize = 500;

/// Decodes a frame as many a C library would: the header says where the data lies, and is believed.
fn decode(frame: &[u8]) -> u8 {
    let offset = u64::from_le_bytes(frame[..8].try_into().expect("a header of 8 bytes"));
    // SAFETY: none, this is the bug. The offset may lie far outside of the frame.
    #[allow(unsafe_code)]
    unsafe {
        frame.as_ptr().wrapping_add(offset as usize).read_volatile()
    }
}

#[pasha::kernel]
fn first_byte(
    _worker_id: usize,
    index: usize,
    frame: &[u8; 16],
    #[out] attempts: &mut u32,
    #[out] value: &mut i16,
    #[reduce(sum)] frames: &mut u64,
) {
    *attempts += 1;
    *frames += 1;
    if index == FLAKY && *attempts == 1 {
        // As if memory had run out, once.
        std::process::abort();
    }
    *value = i16::from(decode(frame));
}

fn main() -> pasha::Result<()> {
    let mut frames = vec![[0; 16]; FRAMES];
    for (index, frame) in frames.iter_mut().enumerate() {
        frame[0] = 8;
        frame[8] = index as u8;
    }
    for corrupt in CORRUPT {
        frames[corrupt][5] = 0x10;
    }

    // Whatever the default context is: only processes can die on their own.
    for on_death in [OnDeath::Fail, OnDeath::Retry(1), OnDeath::Skip] {
        let ctx = Context::processes().workers(2).on_death(on_death).build()?;
        let mut attempts = ctx.alloc().shape(FRAMES).build()?;
        let mut value = ctx.alloc().shape(FRAMES).fill(-1).build()?;
        let mut counted = ctx.alloc().shape(()).build()?;
        let kernel = first_byte { attempts: &mut attempts, value: &mut value, frames: &mut counted };
        println!("\n{on_death:?}");
        match ctx.map(kernel, &frames) {
            Ok(report) => {
                println!("{report}");
                assert_eq!(report.skipped(), [CORRUPT[0], FLAKY, CORRUPT[1]]);
                assert_eq!(counted[()], FRAMES as u64 - 3, "each frame that was done counts once");
                let missing = value.iter().enumerate().filter(|(_, value)| **value == -1).map(|(index, _)| index);
                assert_eq!(missing.collect::<Vec<_>>(), report.skipped());
            }
            Err(error) => {
                println!("{error}");
                assert_eq!(error.kind(), ErrorKind::Died);
                let undone: usize = error.undone().iter().map(ExactSizeIterator::len).sum();
                println!("{} frames done, {undone} not, {} deaths", error.done(), error.deaths().len());
                if on_death == OnDeath::Retry(1) {
                    assert_eq!((error.done(), undone), (FRAMES - CORRUPT.len(), 0));
                }
            }
        }
    }
    Ok(())
}
