//! Tables of ratios, and the bars they are held against.

use std::fmt;
use std::io::Write;

use crate::{Times, quantile};

/// The variable that names a file to which each line is added, too, its fields parted by tabs.
pub const ROWS: &str = "PASHA_BENCH_ROWS";

/// How samples are shown, and what a ratio is made of.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// The time of a call.
    Call,
    /// The time of an item, where a call does so many.
    Item(usize),
    /// The bandwidth, where a call moves so many bytes. Ratios are of bandwidths, so that more is better.
    Bytes(usize),
    /// Not a time: a number of bytes.
    Size,
    /// Not a time: a number of instructions.
    Instructions,
}

/// What a ratio should be.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// Nothing in particular: the line is there to compare.
    None,
    /// At most this, by the number of the bar.
    AtMost(&'static str, f64),
    /// At least this, by the number of the bar.
    AtLeast(&'static str, f64),
    /// Ours is in itself, whatever the peer does, at most this.
    Alone(&'static str, f64),
}

/// A table of ratios.
#[derive(Debug)]
pub struct Table {
    title: String,
}

/// A line, as it is printed.
#[derive(Clone, Debug)]
pub struct Row {
    /// The title of its table.
    pub title: String,
    /// The number of the bar, or a dash.
    pub bar: String,
    /// Our contender.
    pub ours: String,
    /// Its time, or what its unit says.
    pub ours_value: String,
    /// The other contender.
    pub peer: String,
    /// Its time, or what its unit says.
    pub peer_value: String,
    /// The median of the ratios of each round.
    pub ratio: String,
    /// Their quartiles.
    pub quartiles: String,
    /// What the bar asks for.
    pub limit: String,
    /// Whether it is held.
    pub verdict: String,
}

impl Table {
    /// Begins a table, unless the command line selects others.
    pub fn begin(title: &str) -> Option<Self> {
        if !selected(title) {
            return None;
        }
        println!("\n{title} (load {})", crate::machine::load());
        println!(
            "{:<4} {:<26} {:>10}  {:<26} {:>10}  {:>10} {:>15}  bar",
            "bar", "ours", "", "peer", "", "ours/peer", "(quartiles)"
        );
        Some(Self { title: title.to_owned() })
    }

    /// Prints the line of one comparison.
    pub fn row(&self, ours: &Times, peer: &Times, unit: Unit, bar: Bar) {
        let [no_ours, no_peer] = [ours, peer].map(|times| times.seconds.iter().any(|sample| sample.is_nan()));
        let left_out = no_ours || no_peer && !matches!(bar, Bar::Alone(..));
        let mut ratios: Vec<f64> = ours
            .seconds
            .iter()
            .zip(&peer.seconds)
            .map(|(ours, peer)| if matches!(unit, Unit::Bytes(_)) { peer / ours } else { ours / peer })
            .collect();
        let ratio = quantile(&mut ratios, 0.5);
        let (ratio_shown, quartiles) = if no_ours || no_peer || !ratio.is_finite() {
            ("–".to_owned(), String::new())
        } else {
            let quartiles = format!("({:.2}–{:.2})", quantile(&mut ratios, 0.25), quantile(&mut ratios, 0.75));
            (format!("{ratio:.3}"), quartiles)
        };
        let verdict = if left_out { "left out" } else { bar.verdict(ratio, ours.median()) };
        self.show(&Row {
            title: self.title.clone(),
            bar: bar.number().to_owned(),
            ours: ours.name.clone(),
            ours_value: unit.show(ours),
            peer: peer.name.clone(),
            peer_value: unit.show(peer),
            ratio: ratio_shown,
            quartiles,
            limit: bar.limit(unit),
            verdict: verdict.to_owned(),
        });
    }

    /// Prints the line of a bar for which there is nothing to measure yet.
    pub fn not_built_yet(&self, ours: &str, peer: &Times, unit: Unit, bar: Bar) {
        let dash = || "–".to_owned();
        self.show(&Row {
            title: self.title.clone(),
            bar: bar.number().to_owned(),
            ours: ours.to_owned(),
            ours_value: dash(),
            peer: peer.name.clone(),
            peer_value: unit.show(peer),
            ratio: dash(),
            quartiles: String::new(),
            limit: bar.limit(unit),
            verdict: "not built yet".to_owned(),
        });
    }

    fn show(&self, row: &Row) {
        let Row { title: _, bar, ours, ours_value, peer, peer_value, ratio, quartiles, limit, verdict } = row;
        println!(
            "{bar:<4} {ours:<26} {ours_value:>10}  {peer:<26} {peer_value:>10}  {ratio:>10} {quartiles:>15}  {limit} {verdict}"
        );
        if let Some(path) = std::env::var_os(ROWS) {
            let mut file = std::fs::File::options().append(true).create(true).open(path).expect("the rows can be kept");
            writeln!(file, "{}", row.fields().join("\t")).expect("the rows can be kept");
        }
    }
}

impl Row {
    fn fields(&self) -> [&str; 10] {
        let Self { title, bar, ours, ours_value, peer, peer_value, ratio, quartiles, limit, verdict } = self;
        [title, bar, ours, ours_value, peer, peer_value, ratio, quartiles, limit, verdict]
    }

    /// Takes a line of the file apart.
    pub fn read(line: &str) -> Option<Self> {
        let fields: [&str; 10] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let [title, bar, ours, ours_value, peer, peer_value, ratio, quartiles, limit, verdict] =
            fields.map(str::to_owned);
        Some(Self { title, bar, ours, ours_value, peer, peer_value, ratio, quartiles, limit, verdict })
    }
}

impl Bar {
    fn number(self) -> &'static str {
        match self {
            Bar::None => "–",
            Bar::AtMost(number, _) | Bar::AtLeast(number, _) | Bar::Alone(number, _) => number,
        }
    }

    fn limit(self, unit: Unit) -> String {
        match self {
            Bar::None => String::new(),
            Bar::AtMost(_, most) => format!("≤ {most}"),
            Bar::AtLeast(_, least) => format!("≥ {least}"),
            Bar::Alone(_, most) => format!("≤ {}", unit.show_one(most)),
        }
    }

    fn verdict(self, ratio: f64, ours: f64) -> &'static str {
        let held = match self {
            Bar::None => return "–",
            Bar::AtMost(_, most) => ratio <= most,
            Bar::AtLeast(_, least) => ratio >= least,
            Bar::Alone(_, most) => ours <= most,
        };
        if held { "held" } else { "missed" }
    }
}

impl Unit {
    fn show(self, times: &Times) -> String {
        let sample = times.median();
        if sample.is_nan() { "–".to_owned() } else { self.show_one(sample) }
    }

    fn show_one(self, sample: f64) -> String {
        match self {
            Unit::Call => Span(sample).to_string(),
            Unit::Item(items) => Span(sample / items as f64).to_string(),
            Unit::Bytes(bytes) => format!("{:.1} GB/s", bytes as f64 / sample / 1e9),
            Unit::Size => format!("{:.0} KiB", sample / 1024.0),
            Unit::Instructions if sample.abs() < 100.0 => format!("{sample:.2}"),
            Unit::Instructions => format!("{sample:.0}"),
        }
    }
}

/// Whether the command line selects what has this title, as it does all where it has no words.
pub fn selected(title: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| title.contains(&word))
}

/// Seconds, printed with three digits.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub f64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0.abs() {
            seconds if seconds < 1e-6 => (self.0 * 1e9, "ns"),
            seconds if seconds < 1e-3 => (self.0 * 1e6, "µs"),
            seconds if seconds < 1.0 => (self.0 * 1e3, "ms"),
            _ => (self.0, "s"),
        };
        let digits = if value.abs() < 10.0 { 2 } else { usize::from(value.abs() < 100.0) };
        write!(f, "{value:.digits$} {unit}")
    }
}
