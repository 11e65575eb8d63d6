//! Runs all benches, each in a process of its own, and ends with one table: the bars.
//!
//! `cargo bench -p pasha-benches --bench all`. Words after `--` select tables, as in each bench. A full run keeps the table in `results/bars.md`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use pasha_benches::{Machine, ROWS, Row, quick};

const BENCHES: [&str; 8] = ["instructions", "dispatch", "throughput", "uneven", "frames", "footprint", "runs", "flat"];

fn main() -> ExitCode {
    let machine = Machine::here();
    let rows = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rows.tsv");
    fs::write(&rows, "").expect("the folder for what is built can be written");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut failed = Vec::new();
    for bench in BENCHES {
        println!("\n== {bench}");
        let mut command = Command::new(&cargo);
        command.args(["bench", "--quiet", "--package", env!("CARGO_PKG_NAME"), "--bench", bench]);
        if cfg!(not(feature = "fork_union")) {
            command.arg("--no-default-features");
        }
        command.arg("--").args(&words).current_dir(env!("CARGO_MANIFEST_DIR")).env(ROWS, &rows);
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(status) => failed.push(format!("{bench}: {status}")),
            Err(error) => failed.push(format!("{bench}: {error}")),
        }
    }

    let text = fs::read_to_string(&rows).expect("the rows were written");
    let mut rows: Vec<Row> = text.lines().filter_map(Row::read).filter(|row| row.bar != "–").collect();
    rows.sort_by(|a, b| number(&a.bar).cmp(&number(&b.bar)));
    println!("\n== bars, on {machine}\n");
    print!("{}", show(&rows));
    let count = |verdict: &str| rows.iter().filter(|row| row.verdict == verdict).count();
    println!("\n{} held, {} missed, {} not built yet", count("held"), count("missed"), count("not built yet"));
    if !quick() && words.is_empty() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/bars.md");
        let now = Machine::here();
        let text = format!("# Bars\n\nBegun on {machine}; ended on {now}.\n\n{}", markdown(&rows));
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("the folder of results can be made");
        fs::write(&path, text).expect("the results can be written");
    }
    for bench in &failed {
        println!("failed: {bench}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// 2b lies between 2 and 3; words come last.
fn number(bar: &str) -> (u32, &str) {
    let digits = bar.find(|c: char| !c.is_ascii_digit()).unwrap_or(bar.len());
    (bar[..digits].parse().unwrap_or(u32::MAX), &bar[digits..])
}

fn cells(row: &Row) -> [&str; 9] {
    let Row { title, bar, ours, ours_value, peer, peer_value, ratio, quartiles: _, limit, verdict } = row;
    [bar, title, ours, ours_value, peer, peer_value, ratio, limit, verdict]
}

const HEADS: [&str; 9] = ["bar", "measured", "ours", "", "peer", "", "ratio", "limit", ""];

fn show(rows: &[Row]) -> String {
    let lines: Vec<[&str; 9]> = std::iter::once(HEADS).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 9] = std::array::from_fn(width);
    lines.iter().fold(String::new(), |mut text, line| {
        for (cell, width) in line.iter().zip(widths) {
            _ = write!(text, "{cell:<width$}  ");
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    })
}

fn markdown(rows: &[Row]) -> String {
    let line = |cells: [&str; 9]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(HEADS) + &line(["---"; 9]);
    rows.iter().for_each(|row| text += &line(cells(row)));
    text
}
