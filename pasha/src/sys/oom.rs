//! The kernel's out-of-memory killer: how often it struck here.

use std::fs::read_to_string;
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

/// The count of the control group, where there is one that counts.
fn kills() -> Option<u64> {
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    groups.lines().find_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let file = match controllers {
            "" => format!("/sys/fs/cgroup{path}/memory.events"),
            _ if controllers.split(',').any(|controller| controller == "memory") => {
                format!("/sys/fs/cgroup/memory{path}/memory.oom_control")
            }
            _ => return None,
        };
        count_in(&read_to_string(file).ok()?)
    })
}

/// Both versions of control groups write a line `oom_kill 3`.
fn count_in(events: &str) -> Option<u64> {
    events.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn both_formats_are_counted() {
        assert_eq!(count_in("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"), Some(2));
        assert_eq!(count_in("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"), Some(7));
        assert_eq!(count_in("low 0\n"), None);
    }
}
