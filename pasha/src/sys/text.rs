//! The code of this program as it was at some time: a function that was loaded later means nothing to processes that were forked before.

use std::fs;

/// Where code lay.
#[derive(Debug)]
pub(crate) struct Text {
    segments: Vec<(usize, usize)>,
}

impl Text {
    /// The code that is there now; none where /proc does not tell.
    pub(crate) fn now() -> Self {
        let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let mut segments: Vec<(usize, usize)> = maps.lines().filter_map(executable).collect();
        // Most kernels are of the program that this code is of.
        let here = Self::now as fn() -> Self as usize;
        segments.sort_by_key(|&(start, end)| !(start..end).contains(&here));
        Self { segments }
    }

    pub(crate) fn holds(&self, address: usize) -> bool {
        self.segments.iter().any(|&(start, end)| (start..end).contains(&address))
    }
}

/// The addresses of a line of `/proc/self/maps` that is about code of a file.
fn executable(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    // Who writes code at run time may write other code later.
    if !rights.starts_with("r-x") || words.nth(3).is_none() {
        return None;
    }
    Some((usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn functions_of_this_program_are_code_and_data_is_not() {
        let text = Text::now();
        assert!(text.holds(executable as fn(&str) -> Option<(usize, usize)> as usize));
        assert!(!text.holds((&raw const text).addr()));
        assert!(!text.holds(0));
    }
}
