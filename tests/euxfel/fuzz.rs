//! Damaged files of all sorts: whatever is read of them, it is data or an error, never a panic, and never memory by what a header claims.
//!
//! A file of the fixtures is changed in a few places, or cut off, by a generator with a seed, and opened, listed and read. It goes on for three
//! seconds, or for as many as `PASHA_FUZZ_SECONDS` says. What it finds can be had again: `PASHA_FUZZ_SEED=17` begins with that seed.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ndarray::IxDyn;
use nix::sys::resource::{Resource, setrlimit};
use pasha::euxfel::{Kind, Run, TrainData, h5_file};

/// More than all that is read of an undamaged file, and the fill value that a damaged one can ask for.
const MOST_MEMORY: u64 = 2 << 30;

fn main() -> ExitCode {
    setrlimit(Resource::RLIMIT_AS, MOST_MEMORY, MOST_MEMORY).expect("a limit can be made smaller");
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let seconds = Duration::from_secs(number("PASHA_FUZZ_SECONDS").unwrap_or(3));
    let first = number("PASHA_FUZZ_SEED").unwrap_or(1);
    let files = files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/euxfel"));
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}.h5", std::process::id()));
    let begun = Instant::now();
    let (mut tried, mut read) = (0, 0);
    for seed in first.. {
        if begun.elapsed() > seconds {
            break;
        }
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut file = files[dice.below(files.len())].clone();
        damage(&mut file, &mut dice);
        std::fs::write(&place, &file).expect("there is room for a file");
        let before = Instant::now();
        let Ok(fine) = catch_unwind(|| read_all(&place, dice)) else {
            eprintln!("seed {seed}: a panic; the file is {}", place.display());
            return ExitCode::FAILURE;
        };
        if before.elapsed() > Duration::from_secs(20) {
            eprintln!("seed {seed}: {:?}; the file is {}", before.elapsed(), place.display());
            return ExitCode::FAILURE;
        }
        tried += 1;
        read += fine;
    }
    let _ = std::fs::remove_file(&place);
    println!(
        "{tried} damaged files in {:?}, seeds from {first}; {read} keys could be read nevertheless",
        begun.elapsed()
    );
    assert!(tried > 0 && read > 0, "the damage is too small to find anything, or too large");
    ExitCode::SUCCESS
}

/// All files of the fixtures up to a size at which damage hits something that matters.
fn files(directory: &Path) -> Vec<Vec<u8>> {
    let runs = directory.read_dir().expect("the fixtures are there").map(|run| run.expect("it can be listed").path());
    let mut paths: Vec<PathBuf> = runs
        .filter(|run| run.is_dir())
        .flat_map(|run| {
            run.read_dir().expect("a run is a directory").map(|file| file.expect("it can be listed").path())
        })
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a fixture can be read")).collect()
}

/// A generator of numbers that look random: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }
}

fn damage(file: &mut Vec<u8>, dice: &mut Dice) {
    // Names and structures are where something is; a zero is mostly padding or data.
    let somewhere = |file: &[u8], dice: &mut Dice| {
        let place = dice.below(file.len());
        place + file[place..].iter().position(|&byte| byte != 0).unwrap_or(0)
    };
    for _ in 0..1 + dice.below(4) {
        let at = somewhere(file, dice);
        match dice.below(8) {
            0 | 1 => file[at] ^= 1 << dice.below(8),
            2 => file[at] = dice.roll() as u8,
            3 => file[at] = [0, 1, 0x7f, 0x80, 0xff][dice.below(5)],
            4 | 5 => {
                let bytes = [1, 2, 4, 8][dice.below(4)].min(file.len() - at);
                let extreme =
                    [0, 1, u64::MAX, u64::MAX - 7, 1 << 31, 1 << 40, file.len() as u64, dice.roll()][dice.below(8)];
                file[at..at + bytes].copy_from_slice(&extreme.to_le_bytes()[..bytes]);
            }
            6 => {
                let from = somewhere(file, dice);
                let bytes = (1 + dice.below(64)).min(file.len() - at.max(from));
                file.copy_within(from..from + bytes, at);
            }
            _ if dice.below(4) == 0 => file.truncate(at.max(1)),
            _ => {}
        }
    }
}

/// Opens, lists and reads a file; gives the number of keys that could be read.
fn read_all(path: &Path, mut dice: Dice) -> usize {
    let Ok(run) = h5_file(path) else { return 0 };
    let sources: Vec<&str> = run.sources().collect();
    let mut read = 0;
    for source in sources {
        let Ok(keys) = run.keys(source) else { continue };
        for key in keys {
            // A sample: the more files the better.
            if dice.below(8) == 0 && read_key(&run, source, &key).is_ok() {
                read += 1;
            }
        }
    }
    read
}

fn read_key(run: &Run, source: &str, key: &str) -> pasha::Result<()> {
    macro_rules! numbers {
        ($type:ty) => {
            read_trains(&run.key::<$type, IxDyn>(source, key)?)
        };
    }
    match run.describe(source, key)?.kind {
        Kind::Unsigned(1) => numbers!(u8),
        Kind::Unsigned(2) => numbers!(u16),
        Kind::Unsigned(4) => numbers!(u32),
        Kind::Unsigned(_) => numbers!(u64),
        Kind::Signed(1) => numbers!(i8),
        Kind::Signed(2) => numbers!(i16),
        Kind::Signed(4) => numbers!(i32),
        Kind::Signed(_) => numbers!(i64),
        Kind::Float(4) => numbers!(f32),
        Kind::Float(_) => numbers!(f64),
        _ => read_trains(&run.strings(source, key)?),
    }
}

fn read_trains(key: &impl TrainData) -> pasha::Result<()> {
    let mut buffer = key.buffer()?;
    for index in 0..key.trains().min(100) {
        key.data(&mut buffer, index)?;
    }
    Ok(())
}
