//! Memory that runs out: how much there is, and how often the killer of the kernel struck here.

use std::fs::read_to_string;
use std::path::Path;
use std::sync::Mutex;

/// How many processes of this one's control group have been killed for want of memory, as seen last.
static SEEN: Mutex<Option<u64>> = Mutex::new(None);

/// Remembers how often the killer has struck so far.
pub(crate) fn remember() {
    struck_again();
}

/// Whether it has struck since this was last asked.
pub(crate) fn struck_again() -> bool {
    let now = kills();
    let mut seen = SEEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let before = std::mem::replace(&mut *seen, now);
    matches!((before, now), (Some(before), Some(now)) if now > before)
}

/// How much memory may still be had, by the system and the control groups, if they say it. What only keeps files at hand counts as free.
pub(crate) fn available() -> Option<usize> {
    let system = read_to_string("/proc/meminfo").ok().and_then(|info| line_of(&info, "MemAvailable:"));
    let group = of_group(|version, path| {
        let number = |name: &str| read_to_string(format!("{path}/{name}")).ok()?.trim().parse().ok();
        let stat = |key: &str| line_of(&read_to_string(format!("{path}/memory.stat")).ok()?, key);
        let (most, used, files): (usize, usize, _) = match version {
            Version::Two => (number("memory.max")?, number("memory.current")?, stat("inactive_file ")),
            Version::One => {
                (stat("hierarchical_memory_limit ")?, number("memory.usage_in_bytes")?, stat("total_inactive_file "))
            }
        };
        Some(most.saturating_sub(used.saturating_sub(files.unwrap_or(0))))
    });
    [system.map(|kibibytes| kibibytes << 10), group].into_iter().flatten().min()
}

/// The count of the control group, where there is one that counts.
fn kills() -> Option<u64> {
    of_group(|version, path| {
        let file = match version {
            Version::Two => "memory.events",
            Version::One => "memory.oom_control",
        };
        count_in(&read_to_string(format!("{path}/{file}")).ok()?)
    })
}

#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// What the directories of this process's control group and those that it belongs to say of memory: the least.
fn of_group<T: Ord>(read: impl Fn(Version, &str) -> Option<T>) -> Option<T> {
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    groups.lines().find_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        match controllers {
            "" => Path::new(path)
                .ancestors()
                .filter_map(|path| read(Version::Two, &format!("/sys/fs/cgroup{}", path.display())))
                .min(),
            _ if controllers.split(',').any(|controller| controller == "memory") => {
                read(Version::One, &format!("/sys/fs/cgroup/memory{path}"))
            }
            _ => None,
        }
    })
}

/// Both versions of control groups write a line `oom_kill 3`.
fn count_in(events: &str) -> Option<u64> {
    line_of(events, "oom_kill ").map(|count| count as u64)
}

/// The number in the line that begins so.
fn line_of(text: &str, begin: &str) -> Option<usize> {
    text.lines().find_map(|line| line.strip_prefix(begin)?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn what_is_available_is_known() {
        let text = "MemTotal: 9 kB\nMemFree:  1 kB\nMemAvailable:   24 kB\n";
        assert_eq!((line_of(text, "MemAvailable:"), line_of(text, "Other:")), (Some(24), None));
        assert!(available().is_none_or(|bytes| bytes > 1 << 20));
    }

    #[test]
    fn both_formats_are_counted() {
        assert_eq!(count_in("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"), Some(2));
        assert_eq!(count_in("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"), Some(7));
        assert_eq!(count_in("low 0\n"), None);
    }
}
