//! Reading entries of a dataset: by its chunk table, straight into a buffer of the worker.
//!
//! Nothing is allocated once the buffers of a worker are as large as its largest train. What a header claims allocates nothing: memory is
//! taken for what the chunk table says is stored, and a bounded amount of fill value.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use super::filters::{Decoder, Step, active, can_hold};
use super::letter::{Sent, sent};
use super::value::Kind;

/// Data of more axes are refused.
pub(super) const MOST_AXES: usize = 8;

/// How much a worker holds of what no chunk stores.
const MOST_FILL: u64 = 256 << 20;

/// A dataset in a file: entries of one shape, counted along the first axis.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) entry: Vec<usize>,
    pub(super) kind: Kind,
    /// Bytes of an element.
    pub(super) element: usize,
    /// Whether the file has the other byte order.
    pub(super) swap: bool,
    /// One element, or nothing for zeros.
    pub(super) fill: Vec<u8>,
    pub(super) storage: Storage,
}

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Storage {
    /// Nowhere: all is fill value.
    Nothing,
    /// They were in the header.
    Inline(Vec<u8>),
    Contiguous {
        address: u64,
    },
    Chunked {
        grid: Grid,
        /// Sorted by number.
        chunks: Vec<Chunk>,
        steps: Vec<Step>,
    },
}

/// A chunk that is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    /// Its place in the grid of chunks, in C order.
    pub(super) number: u64,
    pub(super) address: u64,
    pub(super) stored: u64,
    /// A bit for each filter that it did not go through.
    pub(super) mask: u32,
}

sent!(Table { name, rows, entry, kind, element, swap, fill, storage });
sent!(Chunk { number, address, stored, mask });

impl Sent for Storage {
    fn write(&self, letter: &mut Vec<u8>) {
        match self {
            Storage::Nothing => 0_u8.write(letter),
            Storage::Inline(bytes) => {
                1_u8.write(letter);
                bytes.write(letter);
            }
            Storage::Contiguous { address } => {
                2_u8.write(letter);
                address.write(letter);
            }
            Storage::Chunked { grid, chunks, steps } => {
                3_u8.write(letter);
                grid.write(letter);
                chunks.write(letter);
                steps.write(letter);
            }
        }
    }

    fn read(letter: &mut &[u8]) -> Self {
        match u8::read(letter) {
            0 => Storage::Nothing,
            1 => Storage::Inline(Sent::read(letter)),
            2 => Storage::Contiguous { address: Sent::read(letter) },
            _ => Storage::Chunked { grid: Sent::read(letter), chunks: Sent::read(letter), steps: Sent::read(letter) },
        }
    }
}

/// How a dataset is cut into chunks. A band is all chunks with the same place along the first axis.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    rows: u64,
    entry: Vec<usize>,
    chunk: Vec<usize>,
    /// Chunks along each axis of an entry.
    across: Vec<u64>,
    band: u64,
    element: usize,
    chunk_bytes: u64,
}

sent!(Grid { rows, entry, chunk, across, band, element, chunk_bytes });

/// The part of each entry that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Vec<usize>,
    pub(super) len: Vec<usize>,
}

sent!(Window { start, len });

impl Grid {
    pub(super) fn new(shape: &[u64], dims: &[u32], element: usize) -> Result<Self, String> {
        let damaged = || format!("has the shape {shape:?} in chunks of {dims:?}: the file is damaged");
        if dims.len() != shape.len() || dims.contains(&0) {
            return Err(damaged());
        }
        let mut chunk_bytes = element as u64;
        for &len in dims {
            chunk_bytes = chunk_bytes.checked_mul(len.into()).ok_or_else(damaged)?;
        }
        if chunk_bytes > u32::MAX.into() {
            return Err(damaged());
        }
        let across: Vec<u64> =
            shape[1..].iter().zip(&dims[1..]).map(|(&len, &chunk)| len.div_ceil(chunk.into())).collect();
        let band = across.iter().try_fold(1u64, |band, &chunks| band.checked_mul(chunks)).ok_or_else(damaged)?;
        band.checked_mul(shape[0].div_ceil(dims[0].into())).ok_or_else(damaged)?;
        Ok(Self {
            rows: shape[0],
            entry: shape[1..].iter().map(|&len| len as usize).collect(),
            chunk: dims.iter().map(|&len| len as usize).collect(),
            across,
            band,
            element,
            chunk_bytes,
        })
    }

    pub(super) fn element(&self) -> usize {
        self.element
    }

    pub(super) fn chunk_bytes(&self) -> u64 {
        self.chunk_bytes
    }

    /// The number of the chunk that begins at these offsets, or `None` if all of it lies outside.
    pub(super) fn number(&self, offsets: &[u64]) -> Result<Option<u64>, String> {
        let damaged = || format!("has a chunk at {offsets:?}, where none begins: the file is damaged");
        if offsets.len() != self.chunk.len() {
            return Err(damaged());
        }
        if offsets.iter().zip(&self.chunk).any(|(&offset, &chunk)| offset % chunk as u64 != 0) {
            return Err(damaged());
        }
        let within = |(&offset, &len): (&u64, &usize)| offset < len as u64;
        if offsets[0] >= self.rows || !offsets[1..].iter().zip(&self.entry).all(within) {
            return Ok(None);
        }
        let mut number = offsets[0] / self.chunk[0] as u64;
        for ((offset, &chunk), across) in offsets[1..].iter().zip(&self.chunk[1..]).zip(&self.across) {
            number = number * across + offset / chunk as u64;
        }
        Ok(Some(number))
    }

    /// Whether each chunk has whole entries.
    fn is_whole(&self) -> bool {
        self.chunk[1..] == self.entry
    }

    /// The entries that a band has, those beyond the end of the dataset left out.
    fn rows_of(&self, band: u64) -> Range<u64> {
        let rows = self.chunk[0] as u64;
        band * rows..self.rows.min((band + 1) * rows)
    }

    fn chunks_of<'c>(&self, chunks: &'c [Chunk], bands: Range<u64>) -> &'c [Chunk] {
        let begin = chunks.partition_point(|chunk| chunk.number < bands.start * self.band);
        let len = chunks[begin..].partition_point(|chunk| chunk.number < bands.end * self.band);
        &chunks[begin..begin + len]
    }

    /// Where a chunk lies within its entries.
    fn origin(&self, number: u64) -> [usize; MOST_AXES] {
        let mut origin = [0; MOST_AXES];
        let mut rest = number % self.band.max(1);
        for (axis, &across) in self.across.iter().enumerate().rev() {
            origin[axis] = (rest % across) as usize * self.chunk[axis + 1];
            rest /= across;
        }
        origin
    }
}

impl Window {
    pub(super) fn whole(entry: &[usize]) -> Self {
        Self { start: vec![0; entry.len()], len: entry.to_vec() }
    }

    fn is_whole(&self, entry: &[usize]) -> bool {
        self.len == entry
    }

    /// Elements of an entry.
    pub(super) fn elements(&self) -> usize {
        self.len.iter().product()
    }
}

impl Table {
    fn entry_bytes(&self) -> usize {
        self.entry.iter().product::<usize>() * self.element
    }

    /// Whether what a window wants of entries is stored by itself, and as it is wanted.
    pub(super) fn is_as_wanted(&self, window: &Window) -> bool {
        let as_it_is = match &self.storage {
            Storage::Chunked { grid, steps, .. } => grid.is_whole() && steps.is_empty(),
            Storage::Nothing | Storage::Inline(_) | Storage::Contiguous { .. } => true,
        };
        as_it_is && window.is_whole(&self.entry)
    }

    /// How much of it depends on the number of chunks, in a letter.
    pub(super) fn sent_bytes(&self) -> usize {
        match &self.storage {
            Storage::Nothing | Storage::Contiguous { .. } => 0,
            Storage::Inline(bytes) => bytes.len(),
            Storage::Chunked { chunks, .. } => chunks.len() * 28,
        }
    }

    /// The number of entries up to the last that is stored. The rest is fill value, however many a header claims.
    pub(super) fn rows_stored(&self) -> u64 {
        match &self.storage {
            Storage::Nothing => 0,
            Storage::Inline(_) | Storage::Contiguous { .. } => self.rows,
            Storage::Chunked { grid, chunks, .. } => {
                chunks.last().map_or(0, |chunk| grid.rows_of(chunk.number / grid.band).end)
            }
        }
    }

    /// Refuses to make a buffer that a damaged header asks for.
    pub(super) fn check_size(&self, rows: Range<u64>, bytes: u64) -> Result<(), String> {
        let stored = match &self.storage {
            Storage::Nothing => 0,
            Storage::Inline(_) | Storage::Contiguous { .. } => bytes,
            Storage::Chunked { grid, chunks, steps } => {
                let first = rows.start / grid.chunk[0] as u64;
                let last = rows.end.div_ceil(grid.chunk[0] as u64);
                let chunks = grid.chunks_of(chunks, first..last);
                let truly = |chunk: &&Chunk| can_hold(steps, chunk.mask, chunk.stored, grid.chunk_bytes);
                chunks.iter().filter(truly).count() as u64 * grid.chunk_bytes
            }
        };
        if bytes <= stored.saturating_add(MOST_FILL) {
            return Ok(());
        }
        Err(format!(
            "has {bytes} bytes in {} entries, of which no more than {stored} are stored",
            rows.end - rows.start
        ))
    }

    fn fill(&self, out: &mut [u8]) {
        if self.fill.is_empty() {
            out.fill(0);
        } else {
            out.chunks_exact_mut(self.element).for_each(|element| element.copy_from_slice(&self.fill));
        }
    }
}

/// What one worker needs to read: buffers, and the last band of chunks that it undid the filters of.
pub(super) struct Reader {
    decoder: Decoder,
    /// A chunk, or the part of an entry around a window.
    plain: Vec<u8>,
    band: Vec<u8>,
    /// Which band of which table it is, once it is complete.
    held: Option<(usize, u64)>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { decoder: Decoder::new(), plain: Vec::new(), band: Vec::new(), held: None }
    }

    /// Reads the window of some entries. `out` has just the room for them. `id` tells the table from others that this reader reads.
    pub(super) fn read(
        &mut self,
        file: &File,
        (id, table): (usize, &Table),
        rows: Range<u64>,
        window: &Window,
        out: &mut [u8],
    ) -> Result<(), String> {
        if out.is_empty() {
            return Ok(());
        }
        let row = window.elements() * table.element;
        match &table.storage {
            Storage::Nothing => table.fill(out),
            Storage::Inline(bytes) => {
                let entry = table.entry_bytes();
                for (row, out) in rows.zip(out.chunks_exact_mut(row)) {
                    cut(&bytes[row as usize * entry..][..entry], &table.entry, window, out, table.element);
                }
            }
            Storage::Contiguous { address } => self.read_contiguous(file, table, *address, rows, window, out)?,
            Storage::Chunked { grid, chunks, steps } => {
                let whole = grid.is_whole() && window.is_whole(&table.entry);
                let chunked = Chunked { file, id, table, grid, chunks, steps, window, row, whole };
                let mut pending = Pending::default();
                let chunk = grid.chunk[0] as u64;
                for band in rows.start / chunk..rows.end.div_ceil(chunk) {
                    let all = grid.rows_of(band);
                    let wanted = rows.start.max(all.start)..rows.end.min(all.end);
                    let begin = (wanted.start - rows.start) as usize * row;
                    self.read_band(&chunked, band, wanted, out, begin, &mut pending)?;
                }
                pending.flush(file, out)?;
            }
        }
        if table.swap {
            match table.element {
                2 => swap::<2>(out),
                4 => swap::<4>(out),
                8 => swap::<8>(out),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_contiguous(
        &mut self,
        file: &File,
        table: &Table,
        address: u64,
        rows: Range<u64>,
        window: &Window,
        out: &mut [u8],
    ) -> Result<(), String> {
        let entry = table.entry_bytes();
        if window.is_whole(&table.entry) {
            return read_at(file, out, address + rows.start * entry as u64);
        }
        // Of each entry, the part from the first to the last line of the window.
        let axes = window.len.len();
        let line = table.entry[1..].iter().product::<usize>() * table.element;
        let (mut shape, mut start) = ([0; MOST_AXES], [0; MOST_AXES]);
        shape[..axes].copy_from_slice(&table.entry);
        shape[0] = window.len[0];
        start[1..axes].copy_from_slice(&window.start[1..]);
        self.plain.resize(window.len[0] * line, 0);
        for (row, out) in rows.zip(out.chunks_exact_mut(window.elements() * table.element)) {
            read_at(file, &mut self.plain, address + row * entry as u64 + (window.start[0] * line) as u64)?;
            let from = (&self.plain[..], &shape[..axes], &start[..axes]);
            copy_box(from, (out, &window.len, &[0; MOST_AXES][..axes]), &window.len, table.element);
        }
        Ok(())
    }

    /// Reads some entries of one band of chunks to where they begin in `out`.
    fn read_band(
        &mut self,
        chunked: &Chunked<'_>,
        band: u64,
        rows: Range<u64>,
        out: &mut [u8],
        begin: usize,
        pending: &mut Pending,
    ) -> Result<(), String> {
        let &Chunked { id, grid, steps, row, .. } = chunked;
        let chunks = grid.chunks_of(chunked.chunks, band..band + 1);
        let all = grid.rows_of(band);
        let filtered = chunks.iter().any(|chunk| active(steps, chunk.mask).next().is_some());
        if !filtered || rows == all {
            return self.read_chunks(chunked, chunks, rows, out, begin, pending);
        }
        // Who reads a part of a band reads the rest of it next, and inflating is dear: undo the filters of all of it, and keep it.
        if self.held != Some((id, band)) {
            self.held = None;
            let bytes = (all.end - all.start) * row as u64;
            chunked.table.check_size(all.clone(), bytes)?;
            let mut held = std::mem::take(&mut self.band);
            held.resize(bytes as usize, 0);
            let mut inner = Pending::default();
            let read = self.read_chunks(chunked, chunks, all.clone(), &mut held, 0, &mut inner);
            let read = read.and_then(|()| inner.flush(chunked.file, &mut held));
            self.band = held;
            read?;
            self.held = Some((id, band));
        }
        let part = (rows.start - all.start) as usize * row..(rows.end - all.start) as usize * row;
        out[begin..begin + part.len()].copy_from_slice(&self.band[part]);
        Ok(())
    }

    /// Reads some entries of the chunks of one band.
    fn read_chunks(
        &mut self,
        chunked: &Chunked<'_>,
        chunks: &[Chunk],
        rows: Range<u64>,
        out: &mut [u8],
        begin: usize,
        pending: &mut Pending,
    ) -> Result<(), String> {
        let &Chunked { file, table, grid, steps, window, row, whole, .. } = chunked;
        let count = (rows.end - rows.start) as usize;
        let place = begin..begin + count * row;
        if (chunks.len() as u64) < grid.band {
            table.fill(&mut out[place.clone()]);
        }
        let axes = window.len.len();
        let line = grid.chunk[1..].iter().product::<usize>() * table.element;
        for chunk in chunks {
            let first = chunk.number / grid.band * grid.chunk[0] as u64;
            let skipped = (rows.start - first) as usize;
            let said = |reason: String| format!("the chunk at entry {first}, byte {}, {reason}", chunk.address);
            if !can_hold(steps, chunk.mask, chunk.stored, grid.chunk_bytes) {
                let (stored, bytes) = (chunk.stored, grid.chunk_bytes);
                return Err(said(format!("stores {stored} bytes, which cannot become {bytes}: it is damaged")));
            }
            let raw = active(steps, chunk.mask).next().is_none();
            let address = chunk.address + if raw { (skipped * line) as u64 } else { 0 };
            if whole && raw {
                pending.add(file, out, address, place.clone())?;
                continue;
            }
            if whole && count == grid.chunk[0] {
                read_at(file, self.decoder.stored(chunk.stored as usize), address).map_err(said)?;
                self.decoder.decode(steps, chunk.mask, &mut out[place.clone()]).map_err(said)?;
                continue;
            }
            // The part of the window that this chunk has.
            let origin = grid.origin(chunk.number);
            let (mut from, mut to, mut size) = ([0; MOST_AXES], [0; MOST_AXES], [0; MOST_AXES]);
            for axis in 0..axes {
                let start = window.start[axis].max(origin[axis]);
                let end = (window.start[axis] + window.len[axis]).min(origin[axis] + grid.chunk[axis + 1]);
                from[axis] = start - origin[axis];
                to[axis] = start - window.start[axis];
                size[axis] = end.saturating_sub(start);
            }
            if size[..axes].contains(&0) {
                continue;
            }
            if raw {
                self.plain.resize(count * line, 0);
                read_at(file, &mut self.plain, address).map_err(said)?;
            } else {
                read_at(file, self.decoder.stored(chunk.stored as usize), address).map_err(said)?;
                self.plain.resize(grid.chunk_bytes as usize, 0);
                self.decoder.decode(steps, chunk.mask, &mut self.plain).map_err(said)?;
            }
            let lines = self.plain.chunks_exact(line).skip(if raw { 0 } else { skipped });
            for (line, out) in lines.zip(out[place.clone()].chunks_exact_mut(row)) {
                let from = (line, &grid.chunk[1..], &from[..axes]);
                copy_box(from, (out, &window.len, &to[..axes]), &size[..axes], table.element);
            }
        }
        Ok(())
    }
}

/// A chunked dataset, and what is read of it.
struct Chunked<'c> {
    file: &'c File,
    id: usize,
    table: &'c Table,
    grid: &'c Grid,
    chunks: &'c [Chunk],
    steps: &'c [Step],
    window: &'c Window,
    /// Bytes of the window.
    row: usize,
    /// Whether a chunk has nothing but what is wanted of its entries.
    whole: bool,
}

/// Reads that follow each other in the file and in the buffer, to be made one.
#[derive(Default)]
struct Pending {
    address: u64,
    bytes: Range<usize>,
}

impl Pending {
    fn add(&mut self, file: &File, out: &mut [u8], address: u64, bytes: Range<usize>) -> Result<(), String> {
        let follows = self.address + self.bytes.len() as u64 == address && self.bytes.end == bytes.start;
        if follows && !self.bytes.is_empty() {
            self.bytes.end = bytes.end;
            return Ok(());
        }
        self.flush(file, out)?;
        *self = Self { address, bytes };
        Ok(())
    }

    fn flush(&mut self, file: &File, out: &mut [u8]) -> Result<(), String> {
        let bytes = std::mem::take(&mut self.bytes);
        read_at(file, &mut out[bytes], self.address)
    }
}

fn read_at(file: &File, out: &mut [u8], address: u64) -> Result<(), String> {
    file.read_exact_at(out, address).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("cannot be read: the file ends before byte {}; it is truncated", address + out.len() as u64)
        }
        _ => format!("cannot be read: {error}"),
    })
}

/// Takes the window out of an entry.
fn cut(entry: &[u8], shape: &[usize], window: &Window, out: &mut [u8], element: usize) {
    let at = [0; MOST_AXES];
    copy_box((entry, shape, &window.start), (out, &window.len, &at[..shape.len()]), &window.len, element);
}

/// Copies a box of elements from one array in C order to another: bytes, shape and where the box begins, of each.
fn copy_box(
    (from, from_shape, from_start): (&[u8], &[usize], &[usize]),
    (to, to_shape, to_start): (&mut [u8], &[usize], &[usize]),
    size: &[usize],
    element: usize,
) {
    let Some((&len, inner)) = size.split_first() else {
        to[..element].copy_from_slice(&from[..element]);
        return;
    };
    let stride = |shape: &[usize]| shape[1..].iter().product::<usize>() * element;
    let (from_stride, to_stride) = (stride(from_shape), stride(to_shape));
    if inner == &from_shape[1..] && inner == &to_shape[1..] {
        let bytes = len * from_stride;
        to[to_start[0] * to_stride..][..bytes].copy_from_slice(&from[from_start[0] * from_stride..][..bytes]);
        return;
    }
    for step in 0..len {
        copy_box(
            (&from[(from_start[0] + step) * from_stride..][..from_stride], &from_shape[1..], &from_start[1..]),
            (&mut to[(to_start[0] + step) * to_stride..][..to_stride], &to_shape[1..], &to_start[1..]),
            inner,
            element,
        );
    }
}

fn swap<const SIZE: usize>(bytes: &mut [u8]) {
    bytes.as_chunks_mut::<SIZE>().0.iter_mut().for_each(|element| element.reverse());
}

#[cfg(test)]
mod test {
    use super::*;

    const SHUFFLE: [Step; 1] = [Step::Shuffle(2)];

    /// Two bands of four entries of two elements, shuffled, one after the other in a file.
    fn table(file: &File) -> Table {
        let grid = Grid::new(&[7, 2], &[4, 2], 2).unwrap();
        let mut chunks = Vec::new();
        for number in 0..2 {
            let elements: Vec<u16> = (0..8).map(|element| 100 * number as u16 + element).collect();
            let bytes = |place: usize| elements.iter().map(move |element| element.to_le_bytes()[place]);
            let stored: Vec<u8> = bytes(0).chain(bytes(1)).collect();
            file.write_all_at(&stored, 16 * number).unwrap();
            chunks.push(Chunk { number, address: 16 * number, stored: 16, mask: 0 });
        }
        Table {
            name: "data".to_owned(),
            rows: 7,
            entry: vec![2],
            kind: Kind::Unsigned(2),
            element: 2,
            swap: cfg!(target_endian = "big"),
            fill: Vec::new(),
            storage: Storage::Chunked { grid, chunks, steps: SHUFFLE.to_vec() },
        }
    }

    fn scratch(name: &str) -> File {
        let path = std::env::temp_dir().join(format!("pasha-chunks-{name}-{}", std::process::id()));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        file
    }

    fn row(reader: &mut Reader, file: &File, table: &Table, row: u64) -> Result<[u16; 2], String> {
        let mut out = [0_u16; 2];
        let window = Window::whole(&table.entry);
        reader.read(file, (0, table), row..row + 1, &window, bytemuck::cast_slice_mut(&mut out))?;
        Ok(out)
    }

    #[test]
    fn a_chunk_of_several_entries_is_decoded_once() {
        let file = scratch("once");
        let table = table(&file);
        let mut reader = Reader::new();
        assert_eq!(row(&mut reader, &file, &table, 0).unwrap(), [0, 1]);
        // What the reader has of the first chunk is all that is left of it.
        file.write_all_at(&[0xff; 16], 0).unwrap();
        for entry in [3, 1, 2, 0] {
            assert_eq!(row(&mut reader, &file, &table, entry).unwrap(), [2 * entry as u16, 2 * entry as u16 + 1]);
        }
        assert_eq!(row(&mut reader, &file, &table, 5).unwrap(), [102, 103]);
        assert_eq!(row(&mut reader, &file, &table, 0).unwrap(), [0xffff; 2]);
    }

    #[test]
    fn what_a_failed_read_left_behind_is_not_taken_for_a_chunk() {
        let file = scratch("failed");
        let table = table(&file);
        let mut reader = Reader::new();
        assert_eq!(row(&mut reader, &file, &table, 0).unwrap(), [0, 1]);
        file.set_len(20).unwrap();
        let error = row(&mut reader, &file, &table, 4).unwrap_err();
        assert!(error.contains("at entry 4") && error.contains("truncated"), "{error}");
        assert!(row(&mut reader, &file, &table, 5).is_err());
        assert_eq!(row(&mut reader, &file, &table, 1).unwrap(), [2, 3]);
    }

    #[test]
    fn memory_is_taken_for_what_is_stored_and_a_bounded_part_of_the_rest() {
        let file = scratch("memory");
        let mut table = table(&file);
        assert!(table.check_size(0..7, 28).is_ok());
        assert!(table.check_size(0..7, MOST_FILL + 32).is_ok());
        assert!(table.check_size(0..7, MOST_FILL + 33).is_err());
        assert_eq!(table.rows_stored(), 7);
        table.storage = Storage::Nothing;
        assert!(table.check_size(0..7, MOST_FILL + 1).is_err());
        assert_eq!(table.rows_stored(), 0);
        assert!(Grid::new(&[1 << 40, 1 << 40], &[1, 1], 8).is_err());
        assert!(Grid::new(&[10], &[0], 8).is_err());
        assert!(Grid::new(&[10], &[u32::MAX], 8).is_err());
    }
}
