//! Runs: the files of a directory, taken together.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ndarray::Dimension;

use super::data::{self, Data, Train};
use super::detector::Detector;
use super::fault;
use super::file::{RunFile, Section};
use super::key::Key;
use super::select::{is_pattern, matches, suggestion};
use super::strings::Strings;
use super::trains::{Trains, split};
use super::value::{Kind, Value};
use crate::error::{Error, ErrorKind, Result};

/// Where European XFEL keeps its data, unless `EXTRA_DATA_DATA_ROOT` says otherwise.
const DATA_ROOT: &str = "/gpfs/exfel/exp";

/// A run, or a part of one: sources, their keys, and the trains. No file is open.
#[derive(Clone)]
pub struct Run {
    files: Arc<[Arc<RunFile>]>,
    sources: BTreeMap<String, Source>,
    trains: Arc<[u64]>,
    skipped: Arc<[Skipped]>,
}

#[derive(Clone, Debug)]
struct Source {
    section: Section,
    /// Places among the files.
    files: Vec<usize>,
    /// What is left of its keys, if they were selected.
    keys: Option<BTreeSet<String>>,
}

/// A file that could not be read when the run was opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// What a key holds: what [`Run::describe`] gives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The key's name, in full.
    pub key: String,
    /// The type of an element, to be given to [`Run::key`].
    pub kind: Kind,
    /// The shape of one entry, without the axis of entries.
    pub entry_shape: Vec<usize>,
}

/// Opens a run by the numbers of its proposal and of itself.
///
/// Looks for `*/*/p<proposal>/{raw,proc}/r<run>` in `$EXTRA_DATA_DATA_ROOT`, or in `/gpfs/exfel/exp` if that is not set. Raw and processed data are
/// taken together; a source that both have is the raw one.
///
/// # Errors
///
/// If there is no such proposal or run, or as [`run_directory`].
pub fn open_run(proposal: u32, run: u32) -> Result<Run> {
    open_run_in(std::env::var_os("EXTRA_DATA_DATA_ROOT").unwrap_or_else(|| DATA_ROOT.into()), proposal, run)
}

/// As [`open_run`], in a root of its own.
///
/// # Errors
///
/// As [`open_run`].
pub fn open_run_in(root: impl AsRef<Path>, proposal: u32, run: u32) -> Result<Run> {
    let root = root.as_ref();
    let name = format!("p{proposal:06}");
    let found = directories(root)?
        .into_iter()
        .flat_map(|instrument| directories(&instrument).unwrap_or_default())
        .map(|cycle| cycle.join(&name))
        .find(|proposal| proposal.is_dir());
    let Some(found) = found else {
        let message = format!(
            "there is no proposal {name} in {}; EXTRA_DATA_DATA_ROOT says where proposals are",
            root.join("*/*").display()
        );
        return Err(Error::new(ErrorKind::Argument, message));
    };
    let directory = |origin: &str| found.join(origin).join(format!("r{run:04}"));
    let (raw, processed) = (directory("raw"), directory("proc"));
    // While a run is being processed, the directory may be there, but nothing in it.
    let has_files = |path: &Path| path.is_dir() && data_files(path).is_ok_and(|files| !files.is_empty());
    match (has_files(&raw), has_files(&processed)) {
        (true, true) => Ok(run_directory(raw)?.or(run_directory(processed)?)),
        (true, false) => run_directory(raw),
        (false, true) => run_directory(processed),
        (false, false) => {
            let message = format!("there is no run {run}: neither {} nor {}", raw.display(), processed.display());
            Err(Error::new(ErrorKind::Argument, message))
        }
    }
}

/// Opens all files of a run: `*.h5` in a directory, but for `overview.h5`.
///
/// A file that cannot be read is skipped, with a warning on the standard error stream; [`Run::skipped`] lists them.
///
/// # Errors
///
/// If there are no files, or none of them can be read.
pub fn run_directory(path: impl AsRef<Path>) -> Result<Run> {
    let path = path.as_ref();
    let paths = data_files(path)?;
    if paths.is_empty() {
        return Err(fault(path, "the directory", "has no files `*.h5`"));
    }
    let mut files = Vec::new();
    let mut skipped = Vec::new();
    for path in paths {
        match RunFile::read(&path) {
            Ok(file) => files.push(Arc::new(file)),
            Err(error) => skipped.push(Skipped { path, error }),
        }
    }
    if files.is_empty() {
        let first = skipped.first().map_or_else(String::new, |skipped| skipped.error.to_string());
        return Err(fault(path, "the directory", format!("has no file that can be read; {first}")));
    }
    for Skipped { error, .. } in &skipped {
        eprintln!("pasha: a file of the run is skipped: {error}");
    }
    Ok(Run::new(files, skipped))
}

/// Opens one file as a run.
///
/// # Errors
///
/// If it cannot be read.
pub fn h5_file(path: impl AsRef<Path>) -> Result<Run> {
    Ok(Run::new(vec![Arc::new(RunFile::read(path.as_ref())?)], Vec::new()))
}

impl Run {
    fn new(files: Vec<Arc<RunFile>>, skipped: Vec<Skipped>) -> Self {
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        for (place, file) in files.iter().enumerate() {
            for (section, name) in file.sources() {
                let source = sources.entry(name.clone());
                source.or_insert_with(|| Source { section: *section, files: Vec::new(), keys: None }).files.push(place);
            }
        }
        let ids: BTreeSet<u64> = files.iter().flat_map(|file| file.trains().iter().copied()).collect();
        let trains = ids.into_iter().filter(|&id| id != 0).collect();
        Self { files: files.into(), sources, trains, skipped: skipped.into() }
    }

    /// Adds the sources of another run that this one does not have, and its trains.
    fn or(self, other: Self) -> Self {
        let files: Vec<_> = self.files.iter().chain(&*other.files).cloned().collect();
        let mut sources = self.sources;
        for (name, mut source) in other.sources {
            source.files.iter_mut().for_each(|place| *place += self.files.len());
            sources.entry(name).or_insert(source);
        }
        let trains: BTreeSet<u64> = self.trains.iter().chain(&*other.trains).copied().collect();
        let skipped = self.skipped.iter().chain(&*other.skipped);
        let skipped = skipped
            .map(|Skipped { path, error }| Skipped { path: path.clone(), error: Error::functor(error.to_string()) });
        let skipped = skipped.collect();
        Self { files: files.into(), sources, trains: trains.into_iter().collect(), skipped }
    }

    /// The ids of all trains, ascending: of every file, whether a source has data of them or not.
    pub fn train_ids(&self) -> &[u64] {
        &self.trains
    }

    /// The names of all sources.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.sources.keys().map(String::as_str)
    }

    /// The names of the sources with one entry a train: the properties of devices.
    pub fn control_sources(&self) -> impl Iterator<Item = &str> {
        self.section(Section::Control)
    }

    /// The names of the sources with any number of entries a train: the outputs of devices.
    pub fn instrument_sources(&self) -> impl Iterator<Item = &str> {
        self.section(Section::Instrument)
    }

    fn section(&self, section: Section) -> impl Iterator<Item = &str> {
        self.sources.iter().filter(move |(_, source)| source.section == section).map(|(name, _)| &**name)
    }

    /// The files that could not be read. Sources that only they have are missing.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The names of all keys of a source.
    ///
    /// # Errors
    ///
    /// If there is no such source, or its files cannot be read.
    pub fn keys(&self, source: &str) -> Result<Vec<String>> {
        let found = self.source(source)?;
        match &found.keys {
            Some(keys) => Ok(keys.iter().cloned().collect()),
            None => data::keys((found.section, source), &self.files_of(found)),
        }
    }

    /// What a key holds.
    ///
    /// # Errors
    ///
    /// As [`key`](Run::key), but for the type and the number of axes.
    pub fn describe(&self, source: &str, key: &str) -> Result<Description> {
        let (data, _) = self.find(source, key)?;
        Ok(Description { key: data.key, kind: data.kind, entry_shape: data.entry })
    }

    /// A key of a source, as a functor over the trains: `run.key::<u16, Ix3>("SPB_IRU_CAM/CAM/SIDEMIC:daqOutput", "data.image.pixels")`.
    ///
    /// `T` is the type of an element, `D` the number of axes of the data of one train, of which the first counts its entries. The
    /// `.value` at the end of a control key may be left out.
    ///
    /// # Errors
    ///
    /// - If there is no such source or key; the error names those that are like it.
    /// - If the key holds another type, or entries with another number of axes: the error names both.
    /// - If a file is damaged, has changed, or holds data in a form that is not read.
    pub fn key<T: Value, D: Dimension>(&self, source: &str, key: &str) -> Result<Key<T, D>> {
        let (data, trains) = self.find(source, key)?;
        Key::new(data, trains)
    }

    /// A key of a source that holds strings, as a functor over the trains.
    ///
    /// # Errors
    ///
    /// As [`key`](Run::key).
    pub fn strings(&self, source: &str, key: &str) -> Result<Strings> {
        let (data, trains) = self.find(source, key)?;
        Strings::new(data, trains)
    }

    /// One key of all modules of a detector, stacked along a new first axis.
    ///
    /// The `*` in the pattern stands for the number of a module: `run.detector::<u16, Ix4>("SPB_DET_AGIPD1M-1/DET/*CH0:xtdf", "image.data", 0..16)`. The
    /// axes of the data of one train are module, entry, and those of an entry.
    ///
    /// # Errors
    ///
    /// As [`key`](Run::key); if the pattern has not just one `*`, or none of the modules is there.
    pub fn detector<T: Value, D: Dimension>(
        &self,
        pattern: &str,
        key: &str,
        modules: Range<usize>,
    ) -> Result<Detector<T, D>> {
        let refuse = |reason: &str| Err(Error::new(ErrorKind::Argument, format!("the pattern `{pattern}` {reason}")));
        let Some((before, after)) = pattern.split_once('*').filter(|(_, after)| !after.contains('*')) else {
            return refuse("must have one `*`, which stands for the number of a module");
        };
        if modules.len() > 1024 {
            return refuse("would be stacked to more than 1024 modules");
        }
        let mut found: Vec<(usize, Data, Vec<Train>)> = Vec::new();
        for name in self.sources.keys() {
            let number = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            let Some(number) = number.and_then(|number| number.parse().ok()) else { continue };
            if !modules.contains(&number) {
                continue;
            }
            if found.iter().any(|(other, ..)| *other == number) {
                return refuse(&format!("has two sources for module {number}"));
            }
            let (data, trains) = self.find(name, key)?;
            found.push((number, data, trains));
        }
        Detector::new(pattern, modules, &self.trains, found)
    }

    /// Only the sources that match a pattern, with the keys that match one: `run.select("*/DET/*", "image.*")`.
    ///
    /// In patterns `*` stands for anything, `?` for one character, `[0-9]` for one of some and `[!xyz]` for one that is none of them.
    ///
    /// # Errors
    ///
    /// If nothing matches, or the files of a source that does cannot be read.
    pub fn select(&self, sources: &str, keys: &str) -> Result<Self> {
        self.select_any(&[(sources, keys)])
    }

    /// Only what matches one of several pairs of patterns, as in [`select`](Run::select).
    ///
    /// # Errors
    ///
    /// If nothing matches one of the pairs, or the files of a source cannot be read.
    pub fn select_any(&self, patterns: &[(&str, &str)]) -> Result<Self> {
        let mut selected: BTreeMap<String, Source> = BTreeMap::new();
        for &(source_pattern, key_pattern) in patterns {
            let mut any = false;
            for (name, source) in self.sources.iter().filter(|(name, _)| matches(source_pattern, name)) {
                let keys = if key_pattern == "*" {
                    source.keys.clone()
                } else {
                    let control = source.section == Section::Control && !key_pattern.ends_with(['*', ']']);
                    let longer = format!("{key_pattern}.value");
                    let fits = |key: &String| matches(key_pattern, key) || control && matches(&longer, key);
                    let keys: BTreeSet<String> = self.keys(name)?.into_iter().filter(fits).collect();
                    if keys.is_empty() {
                        continue;
                    }
                    Some(keys)
                };
                any = true;
                let before = selected.remove(name);
                let keys = match (before.map(|before| before.keys), keys) {
                    (None, keys) => keys,
                    (Some(Some(mut before)), Some(keys)) => {
                        before.extend(keys);
                        Some(before)
                    }
                    _ => None,
                };
                selected.insert(name.clone(), Source { keys, ..source.clone() });
            }
            if !any {
                let like =
                    if is_pattern(source_pattern) { String::new() } else { suggestion(source_pattern, self.sources()) };
                let message = format!(
                    "nothing in the run matches the source `{source_pattern}` with the key `{key_pattern}`{like}"
                );
                return Err(Error::new(ErrorKind::Argument, message));
            }
        }
        Ok(Self { sources: selected, ..self.clone() })
    }

    /// Some of the trains: by place, `10..20` or `[3, 5]`, or by id, `by_id(10_005..10_010)`.
    ///
    /// # Errors
    ///
    /// If a train that is named does not exist. Ranges are cut to what there is.
    pub fn select_trains(&self, trains: impl Into<Trains>) -> Result<Self> {
        let places = trains.into().places(&self.trains)?;
        Ok(self.with_trains(places.into_iter().map(|place| self.trains[place]).collect()))
    }

    /// Only the trains that every source has data of: of all groups of its keys, or of those of the keys that were selected.
    ///
    /// # Errors
    ///
    /// If the files cannot be read.
    pub fn require_all(&self) -> Result<Self> {
        let mut trains: BTreeSet<u64> = self.trains.iter().copied().collect();
        for name in self.sources.keys() {
            let mut groups = BTreeSet::new();
            for key in self.keys(name)? {
                let group = key.split('.').next().unwrap_or_default().to_owned();
                if self.source(name)?.section == Section::Instrument && !groups.insert(group) {
                    continue;
                }
                let (_, counts) = self.find(name, &key)?;
                let full: BTreeSet<u64> =
                    counts.iter().filter(|train| train.count() > 0).map(|train| train.id).collect();
                trains.retain(|id| full.contains(id));
                if self.source(name)?.section == Section::Control {
                    break;
                }
            }
        }
        Ok(self.with_trains(trains.into_iter().collect()))
    }

    /// Cuts the trains in parts of about the same size, no more than there are trains.
    pub fn split_trains(&self, parts: usize) -> Vec<Self> {
        let part = |range: Range<usize>| self.with_trains(self.trains[range].to_vec());
        split(self.trains.len(), parts).map(part).collect()
    }

    /// Cuts the trains in parts of about the same size, of at most so many trains.
    pub fn split_trains_by(&self, trains_per_part: usize) -> Vec<Self> {
        self.split_trains(self.trains.len().div_ceil(trains_per_part.max(1)))
    }

    fn with_trains(&self, trains: Vec<u64>) -> Self {
        Self { trains: trains.into(), ..self.clone() }
    }

    fn source(&self, name: &str) -> Result<&Source> {
        self.sources.get(name).ok_or_else(|| {
            let mut message = format!("the run has no source `{name}`{}", suggestion(name, self.sources()));
            if !self.skipped.is_empty() {
                message += &format!(" ({} of its files cannot be read: see `Run::skipped`)", self.skipped.len());
            }
            Error::new(ErrorKind::Argument, message)
        })
    }

    fn files_of(&self, source: &Source) -> Vec<Arc<RunFile>> {
        source.files.iter().map(|&place| self.files[place].clone()).collect()
    }

    fn find(&self, source: &str, key: &str) -> Result<(Data, Vec<Train>)> {
        let found = self.source(source)?;
        if let Some(keys) = &found.keys
            && !keys.contains(key)
            && !keys.contains(&format!("{key}.value"))
        {
            let like = suggestion(key, keys.iter().map(String::as_str));
            let message = format!("the key `{key}` of `{source}` is not among those that were selected{like}");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Data::find((found.section, source), key, &self.files_of(found), &self.trains)
    }
}

/// What is in the run: trains and sources.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.trains {
            [] => write!(f, "no trains")?,
            [only] => write!(f, "train {only}")?,
            [first, .., last] => write!(f, "{} trains, {first} to {last}", self.trains.len())?,
        }
        writeln!(f, ", in {} files", self.files.len())?;
        for (name, source) in &self.sources {
            let kind = match source.section {
                Section::Control => "control",
                Section::Instrument => "instrument",
            };
            writeln!(f, "  {name} ({kind}, {} files)", source.files.len())?;
        }
        self.skipped.iter().try_for_each(|Skipped { error, .. }| writeln!(f, "  skipped: {error}"))
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("files", &self.files.len())
            .field("sources", &self.sources.len())
            .field("trains", &self.trains.len())
            .field("skipped", &self.skipped)
            .finish()
    }
}

/// The files of a run, by name.
fn data_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = entries(directory)?;
    paths.retain(|path| path.extension() == Some(OsStr::new("h5")));
    paths.retain(|path| !path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("overview.h5")));
    paths.sort();
    Ok(paths)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let said = |error: std::io::Error| fault(directory, "the directory", format!("cannot be listed: {error}"));
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(said)? {
        paths.push(entry.map_err(said)?.path());
    }
    Ok(paths)
}

fn directories(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = entries(parent)?;
    paths.retain(|path| path.is_dir());
    paths.sort();
    Ok(paths)
}
