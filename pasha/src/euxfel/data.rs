//! One key of one source, in all files: which entries each train has, and how a worker reads them.

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{Dimension, SliceInfoElem};

use super::chunks::{Reader, Table, Window};
use super::fault;
use super::file::{Known, RunFile, Section, texts};
use super::hdf5::Structure;
use super::letter::{Sent, send, sent};
use super::select::suggestion;
use super::value::{Kind, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::functor::Seal;
use crate::sys::parcel::{Packed, Parcel};

/// A key of a source, whatever its type.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) source: String,
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) entry: Vec<usize>,
    parts: Vec<Part>,
}

/// What one file has of it.
#[derive(Debug)]
struct Part {
    file: Arc<Known>,
    table: Table,
}

/// The entries of one train.
#[derive(Clone, Copy, Debug)]
pub(super) struct Train {
    pub(super) id: u64,
    part: usize,
    first: u64,
    count: u64,
}

sent!(Data { source, key, kind, entry, parts });
sent!(Part { file, table });
sent!(Train { id, part, first, count });

/// What one worker needs to read a key: an open file, and buffers.
pub(super) struct Worker {
    open: Option<Open>,
    reader: Reader,
}

struct Open {
    part: usize,
    file: File,
    structure: Option<Structure>,
}

impl Train {
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    pub(super) fn part(&self) -> usize {
        self.part
    }

    /// Where its entries lie in its file.
    pub(super) fn rows(&self) -> Range<u64> {
        self.first..self.first + self.count
    }

    /// The train with one of its entries only.
    pub(super) fn only(self, entry: usize) -> Self {
        Self { first: self.first + entry as u64, count: 1, ..self }
    }
}

impl Data {
    /// Finds a key in the files of its source, and the entries of the given trains.
    pub(super) fn find(
        (section, source): (Section, &str),
        key: &str,
        files: &[Arc<RunFile>],
        ids: &[u64],
    ) -> Result<(Self, Vec<Train>)> {
        let mut parts: Vec<Part> = Vec::new();
        let mut trains: Vec<Train> = ids.iter().map(|&id| Train { id, part: 0, first: 0, count: 0 }).collect();
        let mut lacking = None;
        let mut key = key.to_owned();
        for run_file in files {
            let path = run_file.known().path();
            let file = run_file.known().open()?;
            let structure = Structure::open(path, &file)?;
            let base = format!("{}/{source}", section.name());
            let mut table = structure.table(&dataset(&base, &key))?;
            if table.is_none() && section == Section::Control && parts.is_empty() {
                let longer = format!("{key}.value");
                table = structure.table(&dataset(&base, &longer))?;
                if table.is_some() {
                    key = longer;
                }
            }
            let Some(table) = table else {
                lacking.get_or_insert((run_file, dataset(&base, &key)));
                continue;
            };
            let group = match section {
                Section::Control => None,
                Section::Instrument => key.split('.').next(),
            };
            let index = run_file.index(&file, &structure, source, group)?;
            let part = parts.len();
            for (&id, (first, count)) in run_file.trains().iter().zip(index) {
                let Ok(place) = ids.binary_search(&id) else { continue };
                if count == 0 || id == 0 {
                    continue;
                }
                let train = &mut trains[place];
                if train.count > 0 {
                    let other = parts.get(train.part).map_or(path, |other| other.file.path());
                    let reason = format!("has data of train {id}, which {} has, too", other.display());
                    return Err(fault(path, &table.name, reason));
                }
                if first.checked_add(count).is_none_or(|end| end > table.rows) {
                    let reason = format!(
                        "has {} entries, but its index gives train {id} {count} of them from {first}: the file is damaged",
                        table.rows
                    );
                    return Err(fault(path, &table.name, reason));
                }
                *train = Train { id, part, first, count };
            }
            if let Some(first) = parts.first()
                && (first.table.kind, &first.table.entry) != (table.kind, &table.entry)
            {
                let reason = format!(
                    "holds {} of shape {:?}, but {} has {} of shape {:?}",
                    table.kind,
                    table.entry,
                    first.file.path().display(),
                    first.table.kind,
                    first.table.entry
                );
                return Err(fault(path, &table.name, reason));
            }
            parts.push(Part { file: run_file.known().clone(), table });
        }
        let Some(first) = parts.first() else { return Err(unknown((section, source), &key, files)) };
        if let Some((file, place)) = lacking {
            let reason = format!("is not there, as it is in {}", first.file.path().display());
            return Err(fault(file.known().path(), &place, reason));
        }
        let (kind, entry) = (first.table.kind, first.table.entry.clone());
        Ok((Self { source: source.to_owned(), key, kind, entry, parts }, trains))
    }

    /// Sends what is known of a key, and more, to workers that were forked before.
    pub(super) fn send_with<T: Sent>(
        &self,
        all: &T,
        trains: usize,
        parcel: &mut Parcel<'_>,
        seal: Seal,
    ) -> Option<Packed<T>> {
        send(all, self.sent_bytes(trains), || self.name(), parcel, seal)
    }

    /// About what it takes, with so many trains, to be sent.
    pub(super) fn sent_bytes(&self, trains: usize) -> usize {
        trains * size_of::<Train>() + self.parts.iter().map(|part| part.table.sent_bytes()).sum::<usize>()
    }

    /// `source, key`, as errors name it.
    pub(super) fn name(&self) -> String {
        format!("`{}`, `{}`", self.source, self.key)
    }

    /// Refuses another type, or another number of axes, than these have behind the axes that are named.
    pub(super) fn expect<T: Value, D: Dimension>(&self, before: &[&str]) -> Result<()> {
        let axes = before.len() + self.entry.len();
        let wanted = D::NDIM.unwrap_or(axes);
        if T::KIND == self.kind && wanted == axes {
            return Ok(());
        }
        let names: Vec<String> =
            before.iter().map(|&name| name.to_owned()).chain(self.entry.iter().map(usize::to_string)).collect();
        let advice = match self.kind {
            Kind::Text(_) => "ask for them by `strings`".to_owned(),
            kind => format!("ask for `<{kind}, Ix{axes}>`"),
        };
        let message = format!(
            "{} holds {} with {axes} ax{} ({}), not {} with {wanted}; {advice}",
            self.name(),
            self.kind,
            if axes == 1 { "is" } else { "es" },
            names.join(" × "),
            T::NAME,
        );
        Err(Error::new(ErrorKind::Argument, message))
    }

    /// The window of an entry that a region means.
    pub(super) fn region(&self, region: &[SliceInfoElem]) -> Result<Window> {
        let shape = &self.entry;
        let refuse = |reason: &str| {
            let message = format!("a region of {} {reason}; an entry has the shape {shape:?}", self.name());
            Err(Error::new(ErrorKind::Argument, message))
        };
        if region.len() > shape.len() {
            return refuse(&format!("cannot have {} axes", region.len()));
        }
        let mut window = Window::whole(shape);
        for (axis, (element, &len)) in region.iter().zip(shape).enumerate() {
            let &SliceInfoElem::Slice { start, end, step: 1 } = element else {
                return refuse("is made of ranges of step 1");
            };
            // Below 0 counts from the end.
            let place = |bound: isize| usize::try_from(bound).ok().or_else(|| len.checked_sub(bound.unsigned_abs()));
            match (place(start), end.map_or(Some(len), place)) {
                (Some(start), Some(end)) if start <= end && end <= len => {
                    window.start[axis] = start;
                    window.len[axis] = end - start;
                }
                _ => {
                    let end = end.unwrap_or(len as isize);
                    return refuse(&format!("cannot go from {start} to {end} along axis {axis}"));
                }
            }
        }
        Ok(window)
    }

    /// Bytes of the window of one entry of a train.
    pub(super) fn entry_bytes(&self, train: &Train, window: &Window) -> usize {
        window.elements() * self.parts[train.part].table.element
    }

    /// As many entries as so many trains of this size have, from its first on, up to the last of its file. Itself alone where it takes more than reading just
    /// these bytes, which is dear for a worker that does not come by.
    pub(super) fn onward(&self, train: &Train, window: &Window, trains: usize) -> Train {
        let table = &self.parts[train.part].table;
        if !table.is_as_wanted(window) {
            return *train;
        }
        let count = train.count.saturating_mul(trains as u64).min(table.rows - train.first);
        Train { count, ..*train }
    }

    /// Refuses a train that would need more memory than a file that is not damaged can ask for.
    pub(super) fn check_size(&self, train: &Train, window: &Window) -> Result<usize> {
        let part = &self.parts[train.part];
        // It is no more than the whole dataset, whose size was found to be one.
        let bytes = self.entry_bytes(train, window) as u64 * train.count;
        part.table
            .check_size(train.rows(), bytes)
            .map_err(|reason| fault(part.file.path(), &part.table.name, reason))?;
        Ok(bytes as usize)
    }

    /// Reads the window of all entries of a train. `out` has just the room for them.
    pub(super) fn read(&self, worker: &mut Worker, train: &Train, window: &Window, out: &mut [u8]) -> Result<()> {
        if train.count == 0 {
            return Ok(());
        }
        let part = &self.parts[train.part];
        let Worker { open, reader } = worker;
        let file = &opened(open, self, train.part)?.file;
        let read = reader.read(file, (train.part, &part.table), train.rows(), window, out);
        // Whatever was read of a file that has changed, and whatever went wrong, that it has changed is what matters.
        part.file.check(file)?;
        read.map_err(|reason| fault(part.file.path(), &part.table.name, format!("in train {}: {reason}", train.id)))
    }

    /// Makes strings of what was read of a train.
    pub(super) fn strings(&self, worker: &mut Worker, train: &Train, raw: &[u8], out: &mut Vec<String>) -> Result<()> {
        out.clear();
        if train.count == 0 {
            return Ok(());
        }
        let part = &self.parts[train.part];
        let open = opened(&mut worker.open, self, train.part)?;
        let structure = match &mut open.structure {
            Some(structure) => structure,
            none => none.insert(Structure::open(part.file.path(), &open.file)?),
        };
        texts(part.file.path(), structure, &part.table, raw, out)
    }
}

impl Worker {
    pub(super) fn new() -> Self {
        Self { open: None, reader: Reader::new() }
    }
}

/// The file of a part. One is open at a time: the last is closed before the next is opened.
fn opened<'o>(open: &'o mut Option<Open>, data: &Data, part: usize) -> Result<&'o mut Open> {
    if open.as_ref().is_none_or(|open| open.part != part) {
        *open = None;
    }
    match open {
        Some(open) => Ok(open),
        none => Ok(none.insert(Open { part, file: data.parts[part].file.open()?, structure: None })),
    }
}

/// The path of a key's dataset in a file.
fn dataset(base: &str, key: &str) -> String {
    format!("{base}/{}", key.replace('.', "/"))
}

/// All keys of a source.
pub(super) fn keys((section, source): (Section, &str), files: &[Arc<RunFile>]) -> Result<Vec<String>> {
    let mut keys = BTreeSet::new();
    for run_file in files {
        let structure = Structure::open(run_file.known().path(), &run_file.known().open()?)?;
        keys.append(&mut structure.keys(&format!("{}/{source}", section.name()))?);
    }
    Ok(keys.into_iter().collect())
}

fn unknown(source: (Section, &str), key: &str, files: &[Arc<RunFile>]) -> Error {
    let like = match keys(source, files) {
        Ok(keys) => suggestion(key, keys.iter().map(String::as_str)),
        Err(_) => String::new(),
    };
    Error::new(ErrorKind::Argument, format!("the source `{}` has no key `{key}`{like}", source.1))
}

#[cfg(test)]
pub(super) mod test {
    use super::super::chunks::Storage;
    use super::*;

    /// A key of one file with the numbers from 0 on, of which it has fewer than it says: as if the disk could not give the last.
    pub(in super::super) fn numbers(name: &str, there: u64, rows: u64) -> Arc<Data> {
        let path = std::env::temp_dir().join(format!("pasha-data-{name}-{}", std::process::id()));
        let numbers: Vec<u8> = (0..there).flat_map(|number| (number as u16).to_ne_bytes()).collect();
        std::fs::write(&path, numbers).unwrap();
        let known = Known::new(&path, &std::fs::metadata(&path).unwrap());
        let table = Table {
            name: name.to_owned(),
            rows,
            entry: Vec::new(),
            kind: Kind::Unsigned(2),
            element: 2,
            swap: false,
            fill: Vec::new(),
            storage: Storage::Contiguous { address: 0 },
        };
        Arc::new(Data {
            source: "SOURCE".to_owned(),
            key: name.to_owned(),
            kind: table.kind,
            entry: Vec::new(),
            parts: vec![Part { file: Arc::new(known), table }],
        })
    }

    pub(in super::super) fn train(first: u64, count: u64) -> Train {
        Train { id: first, part: 0, first, count }
    }

    impl Data {
        pub(in super::super) fn path(&self, part: usize) -> &std::path::Path {
            self.parts[part].file.path()
        }
    }
}
