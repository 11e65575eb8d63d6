//! One file of a run: what it says of itself. It is closed again: whoever reads from it opens it.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chunks::{Reader, Table, Window};
use super::fault;
use super::hdf5::Structure;
use super::letter::sent;
use super::value::Kind;
use crate::error::Result;

/// How much text is read at once.
const MOST_TEXT: usize = 64 << 20;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    /// One row a train, of a device's properties.
    Control,
    /// Any number of rows a train, of a device's output.
    Instrument,
}

#[derive(Debug)]
pub(super) struct RunFile {
    known: Arc<Known>,
    /// In the order of the file's index; 0 for places that it does not use.
    trains: Vec<u64>,
    sources: Vec<(Section, String)>,
}

/// A file that was open before.
#[derive(Debug)]
pub(super) struct Known {
    path: PathBuf,
    stamp: Stamp,
}

/// By which a file is known to be the one that it was.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    len: u64,
    modified: (i64, i64),
}

sent!(Known { path, stamp });
sent!(Stamp { device, inode, len, modified });

impl Section {
    pub(super) fn name(self) -> &'static str {
        match self {
            Section::Control => "CONTROL",
            Section::Instrument => "INSTRUMENT",
        }
    }
}

impl RunFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let file = open(path)?;
        let metadata = file.metadata().map_err(|error| fault(path, "the file", error))?;
        if !metadata.is_file() {
            return Err(fault(path, "the file", "is none: `run_directory` opens directories"));
        }
        let structure = Structure::open(path, &file)?;
        let mut trains = match structure.table("INDEX/trainId")? {
            Some(table) => integers(path, &file, &table)?,
            None => return Err(fault(path, "INDEX/trainId", "is not there: this is no file of a European XFEL run")),
        };
        // What follows the last train is padding, which the rest of the index need not have.
        trains.truncate(trains.iter().rposition(|&id| id != 0).map_or(0, |last| last + 1));
        let sources = sources(path, &file, &structure)?;
        Ok(Self { known: Arc::new(Known::new(path, &metadata)), trains, sources })
    }

    pub(super) fn known(&self) -> &Arc<Known> {
        &self.known
    }

    pub(super) fn trains(&self) -> &[u64] {
        &self.trains
    }

    pub(super) fn sources(&self) -> &[(Section, String)] {
        &self.sources
    }

    /// The entries of a source for each place in the index: the first, and how many.
    pub(super) fn index(
        &self,
        file: &File,
        structure: &Structure,
        source: &str,
        group: Option<&str>,
    ) -> Result<Vec<(u64, u64)>> {
        let place = match group {
            Some(group) => format!("INDEX/{source}/{group}"),
            None => format!("INDEX/{source}"),
        };
        let column = |name: &str| -> Result<Option<Vec<u64>>> {
            let name = format!("{place}/{name}");
            let Some(table) = structure.table(&name)? else { return Ok(None) };
            let mut column = integers(self.known.path(), file, &table)?;
            if table.rows < self.trains.len() as u64 {
                let reason =
                    format!("has {} entries for {} trains: the file is damaged", table.rows, self.trains.len());
                return Err(fault(self.known.path(), &name, reason));
            }
            column.resize(self.trains.len(), 0);
            Ok(Some(column))
        };
        let missing = |name: &str| fault(self.known.path(), &format!("{place}/{name}"), "is not there");
        let first = column("first")?.ok_or_else(|| missing("first"))?;
        if let Some(count) = column("count")? {
            return Ok(first.into_iter().zip(count).collect());
        }
        let last = column("last")?.ok_or_else(|| missing("count"))?;
        let status = column("status")?.ok_or_else(|| missing("status"))?;
        let count = |((first, last), status): ((&u64, u64), u64)| {
            if status == 0 {
                return Ok(0);
            }
            let count = last.checked_sub(*first).and_then(|more| more.checked_add(1)?.checked_mul(status));
            count.ok_or_else(|| {
                fault(self.known.path(), &place, format!("has a train from {first} to {last}: it is damaged"))
            })
        };
        let counts: Result<Vec<u64>> = first.iter().zip(last).zip(status).map(count).collect();
        Ok(first.iter().copied().zip(counts?).collect())
    }
}

impl Known {
    pub(super) fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.to_owned(), stamp: Stamp::of(metadata) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file again.
    pub(super) fn open(&self) -> Result<File> {
        let file = open(&self.path)?;
        self.check(&file)?;
        Ok(file)
    }

    /// Whether this is still the file that the structure was read from.
    pub(super) fn check(&self, file: &File) -> Result<()> {
        let metadata = file.metadata().map_err(|error| fault(&self.path, "the file", error))?;
        if Stamp::of(&metadata) == self.stamp {
            return Ok(());
        }
        Err(fault(&self.path, "the file", "has changed since the run was opened: open the run again"))
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => fault(path, "the file", "is not there"),
        _ => fault(path, "the file", format!("cannot be opened: {error}")),
    })
}

fn sources(path: &Path, file: &File, structure: &Structure) -> Result<Vec<(Section, String)>> {
    let version = match structure.table("METADATA/dataFormatVersion")? {
        Some(table) => strings(path, file, structure, &table)?.into_iter().next().unwrap_or_default(),
        None => "0.5".to_owned(),
    };
    let place = if version == "0.5" { "METADATA/dataSourceId" } else { "METADATA/dataSources/dataSourceId" };
    let Some(table) = structure.table(place)? else {
        let reason = format!("is not there, as it should be in the format version {version}");
        return Err(fault(path, place, reason));
    };
    let mut sources = Vec::new();
    for id in strings(path, file, structure, &table)? {
        let source = match id.split_once('/') {
            _ if id.is_empty() => continue,
            Some(("CONTROL", device)) => (Section::Control, device.to_owned()),
            Some(("INSTRUMENT", output)) => {
                let (device, rest) = output.split_once(':').unwrap_or((output, ""));
                let channel = rest.split('/').next().unwrap_or_default();
                (Section::Instrument, format!("{device}:{channel}"))
            }
            // What format version 1.1 has for the train ids themselves.
            _ if id.starts_with("Karabo_TimerServer") => continue,
            _ => return Err(fault(path, place, format!("names a source of no known kind: {id:?}"))),
        };
        sources.push(source);
    }
    sources.sort_unstable();
    sources.dedup();
    Ok(sources)
}

/// The whole of a one-dimensional dataset of integers, up to what is stored of it.
fn integers(path: &Path, file: &File, table: &Table) -> Result<Vec<u64>> {
    let bytes = column(path, file, table)?;
    // Nothing in an index is negative: such a number becomes too large for everything.
    macro_rules! widen {
        ($number:ty) => {
            bytes.as_chunks().0.iter().map(|&number| <$number>::from_ne_bytes(number) as u64).collect()
        };
    }
    Ok(match table.kind {
        Kind::Unsigned(1) => widen!(u8),
        Kind::Unsigned(2) => widen!(u16),
        Kind::Unsigned(4) => widen!(u32),
        Kind::Unsigned(_) => widen!(u64),
        Kind::Signed(1) => widen!(i8),
        Kind::Signed(2) => widen!(i16),
        Kind::Signed(4) => widen!(i32),
        Kind::Signed(_) => widen!(i64),
        kind => return Err(fault(path, &table.name, format!("holds {kind} where integers are wanted"))),
    })
}

/// The whole of a one-dimensional dataset of strings.
fn strings(path: &Path, file: &File, structure: &Structure, table: &Table) -> Result<Vec<String>> {
    let mut strings = Vec::new();
    texts(path, structure, table, &column(path, file, table)?, &mut strings)?;
    Ok(strings)
}

/// Makes strings of elements: text of a fixed length, or references to it.
pub(super) fn texts(
    path: &Path,
    structure: &Structure,
    table: &Table,
    raw: &[u8],
    out: &mut Vec<String>,
) -> Result<()> {
    let said = |reason: &str| fault(path, &table.name, reason);
    let mut bytes = 0;
    for element in raw.chunks_exact(table.element) {
        let text = match table.kind {
            Kind::Text(None) => structure.text(&table.name, element)?,
            Kind::Text(Some(_)) => {
                let text = element.split(|&byte| byte == 0).next().unwrap_or_default();
                str::from_utf8(text).map_err(|_| said("holds a string that is not UTF-8"))?.to_owned()
            }
            kind => return Err(said(&format!("holds {kind} where strings are wanted"))),
        };
        // A damaged file can refer to one long text from everywhere.
        bytes += text.len();
        if bytes > MOST_TEXT {
            return Err(said("holds more text than anybody writes: the file is damaged"));
        }
        out.push(text);
    }
    Ok(())
}

/// The bytes of a one-dimensional dataset, up to what is stored.
fn column(path: &Path, file: &File, table: &Table) -> Result<Vec<u8>> {
    let said = |reason| fault(path, &table.name, reason);
    if !table.entry.is_empty() {
        return Err(said(format!("has {} axes where one is wanted", table.entry.len() + 1)));
    }
    let rows = table.rows_stored();
    let bytes = rows * table.element as u64;
    table.check_size(0..rows, bytes).map_err(said)?;
    let mut out = vec![0; bytes as usize];
    Reader::new().read(file, (0, table), 0..rows, &Window::whole(&[]), &mut out).map_err(said)?;
    Ok(out)
}
