//! The command line.

use std::time::{SystemTime, UNIX_EPOCH};

/// What is to be measured, and how long.
#[derive(Debug)]
pub(crate) struct Arguments {
    figures: Vec<u32>,
    short: bool,
    /// Times that are too long are printed, but are no failure: the machine has other things to do.
    pub(crate) busy: bool,
    maps: Option<u64>,
    /// The soak is for resident processes.
    pub(crate) residents: bool,
    /// What all random choices follow from.
    pub(crate) seed: u64,
    /// The only round of the soak.
    pub(crate) round: Option<u64>,
}

const USAGE: &str = "faults [FIGURE …] [--short] [--busy] [--maps N] [--seed N] [--round N] [--residents]";

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_millis() as u64 % 1_000_000);
        let mut arguments =
            Self { figures: Vec::new(), short: false, busy: false, maps: None, residents: false, seed, round: None };
        while let Some(word) = words.next() {
            let mut number = || {
                let value = words.next().and_then(|value| value.parse().ok());
                value.ok_or_else(|| format!("{word} wants a number\n{USAGE}"))
            };
            match &*word {
                "--short" => arguments.short = true,
                "--busy" => arguments.busy = true,
                "--residents" => arguments.residents = true,
                "--maps" => arguments.maps = Some(number()?),
                "--seed" => arguments.seed = number()?,
                "--round" => arguments.round = Some(number()?),
                _ => match word.parse() {
                    Ok(figure @ 1..=13) => arguments.figures.push(figure),
                    _ => return Err(format!("{word:?} is not a figure\n{USAGE}")),
                },
            }
        }
        Ok(arguments)
    }

    pub(crate) fn wants(&self, figure: u32) -> bool {
        self.figures.is_empty() || self.figures.contains(&figure)
    }

    /// The first of the soak's rounds, and how many.
    pub(crate) fn rounds(&self) -> (u64, u64) {
        match self.round {
            Some(round) => (round, 1),
            None => (0, self.maps.unwrap_or(self.times(10_000, 600) as u64)),
        }
    }

    /// How often to do something.
    pub(crate) fn times(&self, long: usize, short: usize) -> usize {
        if self.short { short } else { long }
    }
}
