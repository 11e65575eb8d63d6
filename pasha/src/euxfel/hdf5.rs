//! The structure of an HDF5 file: groups, links, types and chunk tables. The only file that names `hdf5-reader`.
//!
//! Data are read elsewhere, by the chunk tables that are made here. Everything that a header claims is held against the file's length
//! before it is believed.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hdf5_reader::group::Group;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::filter_pipeline::FilterPipelineMessage;
use hdf5_reader::messages::layout::{ChunkIndexing, DataLayout};
use hdf5_reader::{ByteOrder, Dataset, Datatype, FileStorage, Hdf5File, OpenOptions, StringSize, VarLenKind};
use hdf5_reader::{btree_v1, chunk_index, extensible_array, fixed_array};

use super::chunks::{Chunk, Grid, MOST_AXES, Storage, Table};
use super::fault;
use super::filters::Step;
use super::value::Kind;
use crate::error::Result;

/// Groups within groups, and names in one listing: more is a damaged file, not a detector.
const DEEPEST: usize = 32;
const MOST_KEYS: usize = 1 << 20;

/// A file, opened for its structure.
pub(super) struct Structure {
    path: PathBuf,
    file: Hdf5File,
    len: u64,
}

/// What is wrong with an object, without the file and the path to it.
type Reason = String;

impl Structure {
    pub(super) fn open(path: &Path, file: &File) -> Result<Self> {
        let open = || {
            let file = file.try_clone().map_err(|error| error.to_string())?;
            let storage = FileStorage::from_file(file).map_err(said)?;
            let options = OpenOptions::default()
                .with_chunk_cache_bytes(0)
                .with_max_object_header_bytes(1 << 20)
                .with_max_read_bytes(1 << 20);
            Hdf5File::from_storage_with_options(Arc::new(storage), options).map_err(said)
        };
        let file = open().map_err(|reason| fault(path, "the file", reason))?;
        let len = file.storage().len();
        Ok(Self { path: path.to_owned(), file, len })
    }

    /// A dataset, or `None` if there is no such path.
    pub(super) fn table(&self, name: &str) -> Result<Option<Table>> {
        let Some(dataset) = self.dataset(name)? else { return Ok(None) };
        self.describe(name, &dataset).map(Some).map_err(|reason| fault(&self.path, name, reason))
    }

    /// The paths of all datasets below a group, relative to it, with `.` between their parts.
    pub(super) fn keys(&self, group: &str) -> Result<BTreeSet<String>> {
        let mut keys = BTreeSet::new();
        if let Some(found) = self.group(group)? {
            list(&found, group, "", &mut HashSet::from([found.address()]), &mut keys)
                .map_err(|(place, reason)| fault(&self.path, &place, reason))?;
        }
        Ok(keys)
    }

    /// What is behind a variable-length string's reference.
    pub(super) fn text(&self, dataset: &str, reference: &[u8]) -> Result<String> {
        let text = || {
            let root = self.file.root_group().map_err(said)?;
            let bytes = root.resolve_vlen_reference_bytes(reference, 1).map_err(said)?;
            String::from_utf8(bytes).map_err(|_| "holds a string that is not UTF-8".to_owned())
        };
        text().map_err(|reason| fault(&self.path, dataset, reason))
    }

    fn group(&self, name: &str) -> Result<Option<Group>> {
        let walk = || {
            let mut group = self.file.root_group()?;
            for part in name.split('/').filter(|part| !part.is_empty()) {
                group = group.group(part)?;
            }
            Ok(group)
        };
        present(walk()).map_err(|error| fault(&self.path, name, said(error)))
    }

    fn dataset(&self, name: &str) -> Result<Option<Dataset>> {
        let (parents, last) = name.rsplit_once('/').unwrap_or(("", name));
        let Some(group) = self.group(parents)? else { return Ok(None) };
        present(group.dataset(last)).map_err(|error| fault(&self.path, name, said(error)))
    }

    fn describe(&self, name: &str, dataset: &Dataset) -> Result<Table, Reason> {
        let header = self.file.get_or_parse_header(dataset.address()).map_err(said)?;
        let mut layout = None;
        let mut filters = None;
        let mut fill = Vec::new();
        for message in &header.messages {
            match message {
                HdfMessage::DataLayout(found) => layout = Some(&found.layout),
                HdfMessage::FilterPipeline(found) => filters = Some(found),
                HdfMessage::FillValue(found) => fill = found.value.clone().unwrap_or_default(),
                HdfMessage::ExternalFiles(_) => {
                    return Err("lies in another file (external storage), which is not read".to_owned());
                }
                _ => {}
            }
        }
        let layout = layout.ok_or("has no layout: the file is damaged")?;
        let Encoding { kind, element, swap } = self.encoding(dataset)?;
        if !fill.is_empty() && fill.len() != element {
            return Err(format!("has a fill value of {} bytes for elements of {element}", fill.len()));
        }
        if fill.iter().all(|&byte| byte == 0) {
            fill.clear();
        }
        let [rows, entry @ ..] = dataset.shape() else {
            return Err("is a single value, where one for each train is wanted".to_owned());
        };
        if entry.len() >= MOST_AXES {
            return Err(format!("has {} axes; up to {MOST_AXES} are read", entry.len() + 1));
        }
        let mut entry_bytes = element as u64;
        let mut lens = Vec::with_capacity(entry.len());
        for &len in entry {
            entry_bytes = entry_bytes.checked_mul(len).ok_or_else(|| absurd(dataset.shape()))?;
            lens.push(usize::try_from(len).map_err(|_| absurd(dataset.shape()))?);
        }
        let bytes = entry_bytes.checked_mul(*rows).filter(|&bytes| bytes <= isize::MAX as u64);
        let bytes = bytes.ok_or_else(|| absurd(dataset.shape()))?;

        let storage = match layout {
            DataLayout::Compact { data } if data.len() as u64 == bytes => Storage::Inline(data.clone()),
            DataLayout::Compact { data } => {
                return Err(format!("holds {} bytes where its shape needs {bytes}: the file is damaged", data.len()));
            }
            DataLayout::Contiguous { address, .. } if self.is_nowhere(*address) || bytes == 0 => Storage::Nothing,
            DataLayout::Contiguous { address, .. } => Storage::Contiguous { address: self.place(*address, bytes)? },
            DataLayout::Chunked { .. } if bytes == 0 => Storage::Nothing,
            DataLayout::Chunked { address, dims, chunk_indexing, .. } => {
                // Later versions count the bytes of an element as a dimension.
                let dims = match dims.split_last() {
                    Some((&last, rest)) if rest.len() == dataset.ndim() && last as usize == element => rest,
                    _ => dims,
                };
                let steps = filters.map(steps).transpose()?.unwrap_or_default();
                // Chunks at the edges may be stored unfiltered, which is not told here. What inflates or has a checksum tells by itself.
                let at_edges = dataset.shape().iter().zip(dims).any(|(len, chunk)| len % u64::from(*chunk).max(1) != 0);
                if chunk_indexing.is_some() && at_edges && matches!(*steps, [Step::Shuffle(_)]) {
                    return Err("is shuffled, not deflated, and has chunks at its edges that may not be shuffled: it is not read".to_owned());
                }
                let grid = Grid::new(dataset.shape(), dims, element)?;
                let chunks = self.chunks(dataset, &grid, dims, *address, chunk_indexing.as_ref(), steps.is_empty())?;
                Storage::Chunked { grid, chunks, steps }
            }
        };
        Ok(Table { name: name.to_owned(), rows: *rows, entry: lens, kind, element, swap, fill, storage })
    }

    fn encoding(&self, dataset: &Dataset) -> Result<Encoding, Reason> {
        if let Datatype::VarLen { kind: VarLenKind::String, .. } = dataset.dtype() {
            let element = dataset.vlen_reference_size();
            return Ok(Encoding { kind: Kind::Text(None), element, swap: false });
        }
        let encoded = dataset.raw_datatype().map_err(said)?;
        let (number, encoded) = match dataset.dtype() {
            // An enumeration (`bool` is one) is read as the integers that stand for its names.
            Datatype::Enum { base, .. } => (&**base, encoded.get(8..).unwrap_or_default()),
            number => (number, &*encoded),
        };
        let (kind, size, order, plain) = match number {
            Datatype::FixedPoint { size, signed, byte_order } => {
                let kind = if *signed { Kind::Signed(*size) } else { Kind::Unsigned(*size) };
                (kind, *size, *byte_order, encoded.get(8..12) == Some(&[0, 0, size.wrapping_mul(8), 0]))
            }
            Datatype::FloatingPoint { size, byte_order } => {
                let ieee: &[u8] = match size {
                    4 => &[0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0],
                    8 => &[0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0],
                    _ => &[],
                };
                let vax = encoded.get(1).is_none_or(|bits| bits & 0x40 != 0);
                (Kind::Float(*size), *size, *byte_order, !vax && encoded.get(8..20) == Some(ieee))
            }
            Datatype::String { size: StringSize::Fixed(size), .. } if *size > 0 => {
                let size = *size as usize;
                return Ok(Encoding { kind: Kind::Text(Some(size)), element: size, swap: false });
            }
            other => return Err(format!("holds {}, which are not read", class_of(other))),
        };
        let widths: &[u8] = if matches!(kind, Kind::Float(_)) { &[4, 8] } else { &[1, 2, 4, 8] };
        if !plain || !widths.contains(&size) {
            return Err(format!("holds numbers like {kind}, but in an encoding of their own, which is not read"));
        }
        let swap = size > 1 && order != NATIVE;
        Ok(Encoding { kind, element: size.into(), swap })
    }

    fn chunks(
        &self,
        dataset: &Dataset,
        grid: &Grid,
        dims: &[u32],
        index: u64,
        indexing: Option<&ChunkIndexing>,
        plain: bool,
    ) -> Result<Vec<Chunk>, Reason> {
        if self.is_nowhere(index) {
            return Ok(Vec::new());
        }
        let storage = self.file.storage();
        let superblock = self.file.superblock();
        let (offsets, lengths, shape) = (superblock.offset_size, superblock.length_size, dataset.shape());
        let axes = shape.len() as u32;
        let found = match indexing {
            None => btree_v1::collect_btree_v1_leaves_storage(storage, index, offsets, lengths, Some(axes), dims, None)
                .map_err(said)?
                .into_iter()
                .filter_map(|(key, address)| match key {
                    btree_v1::BTreeV1Key::RawData { chunk_size, filter_mask, mut offsets } => {
                        offsets.truncate(shape.len());
                        let size = chunk_size.into();
                        Some(chunk_index::ChunkEntry { address, size, filter_mask, offsets })
                    }
                    _ => None,
                })
                .collect(),
            Some(ChunkIndexing::SingleChunk { filtered_size, filters }) => {
                vec![chunk_index::single_chunk_entry(index, *filtered_size, *filters, shape.len())]
            }
            Some(ChunkIndexing::Implicit) => {
                let element = grid.element();
                chunk_index::collect_implicit_chunk_entries(index, shape, dims, element, None, self.len)
                    .map_err(said)?
            }
            Some(ChunkIndexing::FixedArray { .. }) => fixed_array::collect_fixed_array_chunk_entries_storage(
                storage, index, offsets, lengths, shape, dims, None,
            )
            .map_err(said)?,
            Some(ChunkIndexing::ExtensibleArray { .. }) => {
                let most = dataset.max_dims();
                extensible_array::collect_extensible_array_chunk_entries_storage(
                    storage, index, offsets, lengths, shape, most, dims, None,
                )
                .map_err(said)?
            }
            Some(ChunkIndexing::BTreeV2) => {
                chunk_index::collect_v2_chunk_entries_storage(storage, index, offsets, lengths, axes, dims, None)
                    .map_err(said)?
            }
        };
        let mut chunks = Vec::with_capacity(found.len());
        for entry in found {
            if self.is_nowhere(entry.address) {
                continue;
            }
            // Chunks that a dataset had before it was made shorter are still there.
            let Some(number) = grid.number(&entry.offsets)? else { continue };
            let stored = if plain { grid.chunk_bytes() } else { entry.size };
            if plain && entry.size != 0 && entry.size != stored {
                return Err(format!("has a chunk of {} bytes instead of {stored}: the file is damaged", entry.size));
            }
            let address = self.place(entry.address, stored)?;
            chunks.push(Chunk { number, address, stored, mask: entry.filter_mask });
        }
        chunks.sort_unstable_by_key(|chunk| chunk.number);
        if chunks.windows(2).any(|pair| pair[0].number == pair[1].number) {
            return Err("has two chunks at one place: the file is damaged".to_owned());
        }
        Ok(chunks)
    }

    fn is_nowhere(&self, address: u64) -> bool {
        Cursor::is_undefined_offset(address, self.file.superblock().offset_size)
    }

    /// Where in the file so many bytes begin.
    fn place(&self, address: u64, bytes: u64) -> Result<u64, Reason> {
        let end = address.checked_add(bytes).filter(|&end| end <= self.len);
        if end.is_none() {
            let len = self.len;
            return Err(format!(
                "has {bytes} bytes at {address}, but the file ends at {len}: it is truncated or damaged"
            ));
        }
        address.checked_add(self.file.superblock().base_address).ok_or_else(|| "has data beyond any file".to_owned())
    }
}

struct Encoding {
    kind: Kind,
    element: usize,
    swap: bool,
}

const NATIVE: ByteOrder = if cfg!(target_endian = "little") { ByteOrder::LittleEndian } else { ByteOrder::BigEndian };

/// Adds the keys in a group at a path. An error has the path of what is wrong.
fn list(
    group: &Group,
    path: &str,
    prefix: &str,
    above: &mut HashSet<u64>,
    keys: &mut BTreeSet<String>,
) -> Result<(), (String, Reason)> {
    let (groups, datasets) = group.member_names().map_err(|error| (format!("{path}{}", child(&error)), said(error)))?;
    keys.extend(datasets.into_iter().map(|name| format!("{prefix}{name}")));
    if keys.len() > MOST_KEYS || above.len() > DEEPEST {
        return Err((path.to_owned(), "has more keys in it than can be listed: the file is damaged".to_owned()));
    }
    for name in groups {
        let path = format!("{path}/{name}");
        let inner = group.group(&name).map_err(|error| (path.clone(), said(error)))?;
        // A hard link can lead back to a group above.
        if above.insert(inner.address()) {
            list(&inner, &path, &format!("{prefix}{name}."), above, keys)?;
            above.remove(&inner.address());
        }
    }
    Ok(())
}

/// `/NAME` of the member of a group that an error is about, or nothing: the reader has it in words only.
fn child(error: &hdf5_reader::error::Error) -> String {
    let hdf5_reader::error::Error::Context { path, .. } = error else { return String::new() };
    let name = path.strip_prefix("child '").and_then(|rest| rest.rsplit_once("' at "));
    name.map_or(String::new(), |(name, _)| format!("/{name}"))
}

/// The filters, in the order of writing.
fn steps(pipeline: &FilterPipelineMessage) -> Result<Vec<Step>, Reason> {
    let mut steps = Vec::with_capacity(pipeline.filters.len());
    for filter in &pipeline.filters {
        steps.push(match filter.id {
            1 => Step::Deflate,
            2 => Step::Shuffle(*filter.client_data.first().unwrap_or(&1) as usize),
            3 => Step::Checksum,
            id => {
                let known = match id {
                    4 => "szip",
                    5 => "nbit",
                    6 => "scale-offset",
                    307 => "bzip2",
                    32000 => "lzf",
                    32001 => "blosc",
                    32004 => "lz4",
                    32008 => "bitshuffle",
                    32013 => "zfp",
                    32015 => "zstd",
                    32026 => "blosc2",
                    _ => filter.name.as_deref().unwrap_or("of no name"),
                };
                return Err(format!("uses the filter {known} ({id}); deflate, shuffle and fletcher32 are read"));
            }
        });
    }
    if steps.iter().filter(|step| matches!(step, Step::Deflate)).count() > 1 || steps.len() > 8 {
        return Err("goes through a chain of filters that nobody writes: the file is damaged".to_owned());
    }
    Ok(steps)
}

fn class_of(datatype: &Datatype) -> &'static str {
    match datatype {
        Datatype::FixedPoint { .. } | Datatype::FloatingPoint { .. } => "numbers",
        Datatype::String { .. } => "strings of no length",
        Datatype::Compound { .. } => "records (compound)",
        Datatype::Array { .. } => "arrays as elements",
        Datatype::Enum { .. } => "enumerations",
        Datatype::VarLen { .. } => "lists of varying length",
        Datatype::Opaque { .. } => "opaque bytes",
        Datatype::Reference { .. } => "references",
        Datatype::Bitfield { .. } => "bit fields",
    }
}

fn absurd(shape: &[u64]) -> Reason {
    format!("has the shape {shape:?}, which no memory holds: the file is damaged")
}

/// An absent object is no error.
fn present<T>(found: hdf5_reader::error::Result<T>) -> hdf5_reader::error::Result<Option<T>> {
    use hdf5_reader::error::Error::{DatasetNotFound, GroupNotFound};
    match found {
        Ok(found) => Ok(Some(found)),
        Err(GroupNotFound(_) | DatasetNotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn said(error: hdf5_reader::error::Error) -> Reason {
    use hdf5_reader::error::Error;
    let mut error = &error;
    while let Error::Context { source, .. } = error {
        error = source.deref();
    }
    match error {
        Error::UnsupportedLayoutClass(3) => {
            "is a virtual dataset, whose data lie in other files; open those instead".to_owned()
        }
        error => error.to_string(),
    }
}
