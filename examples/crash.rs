//! A crash: the code for one frame is killed by a segmentation fault; the program learns which frame it was, and goes on.

use pasha::ErrorKind;
use pasha::prelude::*;

const FRAMES: usize = 1000;

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
fn first_byte(_worker_id: usize, index: usize, frame: &[u8; 16], #[param] bad: &[usize], #[out] value: &mut i16) {
    if !bad.contains(&index) {
        *value = i16::from(decode(frame));
    }
}

fn main() -> pasha::Result<()> {
    let mut frames = vec![[0; 16]; FRAMES];
    for (index, frame) in frames.iter_mut().enumerate() {
        frame[0] = 8;
        frame[8] = index as u8;
    }
    for corrupt in [321, 765] {
        frames[corrupt][5] = 0x10;
    }

    // Whatever the default context is: only processes can die on their own.
    let ctx = Context::processes().build()?;
    let mut value = ctx.alloc().shape(FRAMES).fill(-1).build()?;
    let mut bad = Vec::new();
    let report = loop {
        match ctx.map(first_byte { bad: &bad, value: &mut value }, &frames) {
            Ok(report) => break report,
            Err(error) if error.kind() == ErrorKind::Died => {
                println!("error: {error}");
                bad.push(error.index().expect("it died in a frame"));
            }
            Err(error) => return Err(error),
        }
    };

    println!("\nwithout frames {bad:?}: {report}");
    bad.sort_unstable();
    assert_eq!(bad, [321, 765]);
    for (index, value) in value.iter().enumerate() {
        assert_eq!(*value, if bad.contains(&index) { -1 } else { i16::from(index as u8) });
    }
    Ok(())
}
