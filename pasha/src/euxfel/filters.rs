//! Undoing what a chunk went through on its way into the file: deflate, shuffle, fletcher32.

use zlib_rs::{Inflate, InflateFlush, Status};

use super::letter::Sent;

/// One filter, as it was applied in writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Deflate,
    /// Bytes sorted by their place in an element of this size.
    Shuffle(usize),
    /// A fletcher32 checksum behind the data.
    Checksum,
}

impl Sent for Step {
    fn write(&self, letter: &mut Vec<u8>) {
        match self {
            Step::Deflate => 0_u8.write(letter),
            Step::Checksum => 1_u8.write(letter),
            Step::Shuffle(size) => {
                2_u8.write(letter);
                size.write(letter);
            }
        }
    }

    fn read(letter: &mut &[u8]) -> Self {
        match u8::read(letter) {
            0 => Step::Deflate,
            1 => Step::Checksum,
            _ => Step::Shuffle(Sent::read(letter)),
        }
    }
}

/// Deflate makes nothing smaller than to a 1032nd.
const BEST_DEFLATE: u64 = 1032;

/// What one worker needs to undo filters: the bytes as they are stored, and room for a step between. Nothing is allocated once they are large enough.
pub(super) struct Decoder {
    data: Vec<u8>,
    /// How much of it is meant.
    len: usize,
    spare: Vec<u8>,
    inflate: Inflate,
}

impl Decoder {
    pub(super) fn new() -> Self {
        Self { data: Vec::new(), len: 0, spare: Vec::new(), inflate: Inflate::new(true, 15) }
    }

    /// Room for so many stored bytes, to be read into before [`decode`](Self::decode).
    pub(super) fn stored(&mut self, bytes: usize) -> &mut [u8] {
        self.len = bytes;
        room(&mut self.data, bytes)
    }

    /// Undoes the steps that are not masked. `out` has the length that must come out of it.
    pub(super) fn decode(&mut self, steps: &[Step], mask: u32, out: &mut [u8]) -> Result<(), String> {
        let mut left = active(steps, mask).count();
        let mut checksums = active(steps, mask).filter(|step| *step == Step::Checksum).count();
        for step in active(steps, mask).rev() {
            left -= 1;
            let data = &self.data[..self.len];
            match step {
                Step::Checksum => {
                    checksums -= 1;
                    let (data, sum) = data.split_last_chunk().ok_or("is too short for its checksum")?;
                    let (read, made) = (u32::from_le_bytes(*sum), fletcher32(data));
                    // Some old writers had the bytes of each half the other way round.
                    if read != made && read != ((made & 0x00ff_00ff) << 8 | (made & 0xff00_ff00) >> 8) {
                        return Err(format!("fails its checksum (fletcher32 {made:08x} instead of {read:08x})"));
                    }
                    self.len -= 4;
                    continue;
                }
                Step::Deflate if left == 0 => return inflate(&mut self.inflate, data, out),
                Step::Deflate => {
                    let plain = room(&mut self.spare, out.len() + 4 * checksums);
                    inflate(&mut self.inflate, data, plain)?;
                    self.len = plain.len();
                }
                Step::Shuffle(size) if left == 0 && data.len() == out.len() => {
                    unshuffle(data, out, size);
                    return Ok(());
                }
                Step::Shuffle(size) => unshuffle(data, room(&mut self.spare, data.len()), size),
            }
            std::mem::swap(&mut self.data, &mut self.spare);
        }
        if self.len != out.len() {
            return Err(format!("holds {} bytes instead of {}", self.len, out.len()));
        }
        out.copy_from_slice(&self.data[..self.len]);
        Ok(())
    }
}

/// The beginning of a buffer that only grows.
fn room(buffer: &mut Vec<u8>, bytes: usize) -> &mut [u8] {
    if buffer.len() < bytes {
        buffer.resize(bytes, 0);
    }
    &mut buffer[..bytes]
}

/// The steps that a chunk with this mask went through.
pub(super) fn active(steps: &[Step], mask: u32) -> impl DoubleEndedIterator<Item = Step> {
    steps.iter().enumerate().filter(move |(place, _)| mask >> place & 1 == 0).map(|(_, step)| *step)
}

/// Whether so many stored bytes can become that many.
pub(super) fn can_hold(steps: &[Step], mask: u32, stored: u64, bytes: u64) -> bool {
    if active(steps, mask).any(|step| step == Step::Deflate) {
        bytes <= stored.saturating_mul(BEST_DEFLATE)
    } else {
        let checksums = active(steps, mask).filter(|step| *step == Step::Checksum).count() as u64;
        stored == bytes + 4 * checksums
    }
}

fn inflate(inflater: &mut Inflate, stored: &[u8], out: &mut [u8]) -> Result<(), String> {
    inflater.reset(true);
    match inflater.decompress(stored, out, InflateFlush::Finish) {
        Ok(Status::StreamEnd) if inflater.total_out() == out.len() as u64 => Ok(()),
        Ok(Status::StreamEnd) => Err(format!("inflates to {} bytes instead of {}", inflater.total_out(), out.len())),
        Ok(_) => Err(format!("does not end after the {} bytes that it should inflate to", out.len())),
        Err(error) => Err(format!("does not inflate: {}", error.as_str())),
    }
}

fn unshuffle(sorted: &[u8], out: &mut [u8], size: usize) {
    match size {
        2 => gather::<2>(sorted, out),
        4 => gather::<4>(sorted, out),
        8 => gather::<8>(sorted, out),
        0 | 1 => out.copy_from_slice(sorted),
        size => {
            let elements = sorted.len() / size;
            for (place, bytes) in sorted.chunks_exact(elements.max(1)).take(size).enumerate() {
                for (element, byte) in bytes.iter().enumerate() {
                    out[element * size + place] = *byte;
                }
            }
            out[elements * size..].copy_from_slice(&sorted[elements * size..]);
        }
    }
}

fn gather<const SIZE: usize>(sorted: &[u8], out: &mut [u8]) {
    let elements = sorted.len() / SIZE;
    let lanes: [&[u8]; SIZE] = std::array::from_fn(|place| &sorted[place * elements..][..elements]);
    let (whole, rest) = out.as_chunks_mut::<SIZE>();
    for (element, bytes) in whole.iter_mut().enumerate() {
        *bytes = std::array::from_fn(|place| lanes[place][element]);
    }
    rest.copy_from_slice(&sorted[elements * SIZE..]);
}

/// The sum of HDF5: 16-bit words, the first byte high, an odd last byte as the high one of a word.
fn fletcher32(data: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut low, mut high) = (0u32, 0u32);
    let (words, odd) = data.as_chunks::<2>();
    // As many words as the sums can take without overflow.
    for words in words.chunks(360) {
        for word in words {
            low += u32::from(u16::from_be_bytes(*word));
            high += low;
        }
        (low, high) = (fold(low), fold(high));
    }
    if let [byte] = odd {
        low += u32::from(*byte) << 8;
        high += low;
        (low, high) = (fold(low), fold(high));
    }
    fold(high) << 16 | fold(low)
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn checksums_are_those_of_hdf5() {
        assert_eq!(fletcher32(&[0, 1, 0, 2]), 0x0004_0003);
        assert_eq!(fletcher32(&[1, 2, 3]), 0x0504_0402);
    }

    #[test]
    fn shuffled_bytes_come_back_whatever_the_size_of_an_element() {
        for size in 0..20 {
            for len in [0, 1, 5, 64, 67] {
                let plain: Vec<u8> = (0..len).map(|byte| byte as u8).collect();
                let elements = len / size.max(1);
                let mut sorted = Vec::new();
                for place in 0..size.max(1) {
                    sorted.extend((0..elements).map(|element| plain[element * size.max(1) + place]));
                }
                sorted.extend(&plain[elements * size.max(1)..]);
                let mut out = vec![0; len];
                unshuffle(&sorted, &mut out, size);
                assert_eq!(out, plain, "{len} bytes in elements of {size}");
            }
        }
    }
}
