//! Where a program hangs: what /proc says of a process, its threads and its children.
//!
//! It is said from a signal handler, so that nothing here allocates or takes a lock: who was interrupted may hold it.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::fmt::{Arguments, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc;
use nix::sys::stat::Mode;
use nix::unistd::{getpid, read};

/// Deeper, nobody is looked for.
const GENERATIONS: usize = 8;

/// Writes to the standard error output where this process and all its descendants are.
pub(super) fn say() {
    say_process(getpid().as_raw(), 0);
}

/// Writes text to the standard error output.
pub(super) fn say_text(text: &str) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        // SAFETY: the bytes are there to be read.
        let written = unsafe { libc::write(2, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => rest = &rest[written..],
            _ => return,
        }
    }
}

fn say_process(pid: i32, generation: usize) {
    say_line(generation, format_args!("process {pid}, "));
    say_task(format_args!("/proc/{pid}"));
    each_number(format_args!("/proc/{pid}/task"), |thread| {
        say_line(generation, format_args!("  thread {thread}, "));
        let place = format_args!("/proc/{pid}/task/{thread}");
        say_task(place);
        for file in ["wchan", "syscall", "stack"] {
            let mut buffer = [0; PAGE];
            match contents(format_args!("{place}/{file}"), &mut buffer) {
                Ok(text) => text.lines().for_each(|line| say_line(generation, format_args!("    {file} {line}\n"))),
                Err(error) => say_line(generation, format_args!("    {file}: {}\n", error.desc())),
            }
        }
    });
    if generation < GENERATIONS {
        each_number(format_args!("/proc"), |other| {
            if parent(other) == Some(pid) {
                say_process(other, generation + 1);
            }
        });
    }
}

/// The name and the state of a process or a thread.
fn say_task(place: Arguments<'_>) {
    let mut buffer = [0; PAGE];
    match contents(format_args!("{place}/status"), &mut buffer) {
        Ok(status) => {
            let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map_or("?", str::trim);
            say_line(0, format_args!("{}: {}\n", field("Name:"), field("State:")));
        }
        Err(_) => say_text("gone\n"),
    }
}

fn say_line(generation: usize, text: Arguments<'_>) {
    let mut line = Text::<512>::new();
    for _ in 0..generation {
        line.push("  ");
    }
    line.push_all(text);
    say_text(line.as_str());
}

/// The process that waits for this one.
fn parent(pid: i32) -> Option<i32> {
    let mut buffer = [0; PAGE];
    let stat = contents(format_args!("/proc/{pid}/stat"), &mut buffer).ok()?;
    // A name may hold anything, parentheses and blanks too.
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_ascii_whitespace().nth(1)?.parse().ok()
}

const PAGE: usize = 4096;

/// The beginning of a file, as far as it is text.
fn contents<'b>(path: Arguments<'_>, buffer: &'b mut [u8; PAGE]) -> Result<&'b str, Errno> {
    let file = open_file(path, OFlag::O_RDONLY)?;
    let len = read(&file, buffer)?;
    let bytes = &buffer[..len];
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    })
}

/// Calls `each` for every entry of a folder that is a number.
fn each_number(path: Arguments<'_>, mut each: impl FnMut(i32)) {
    let Ok(folder) = open_file(path, OFlag::O_RDONLY | OFlag::O_DIRECTORY) else { return };
    let mut buffer = [0_u8; PAGE];
    loop {
        // SAFETY: the system writes into the buffer, up to its length.
        let len = unsafe { libc::syscall(libc::SYS_getdents64, folder.as_raw_fd(), buffer.as_mut_ptr(), buffer.len()) };
        let len = usize::try_from(len).unwrap_or(0);
        if len == 0 {
            return;
        }
        let mut entries = &buffer[..len];
        while let Some(entry) = first_entry(&mut entries) {
            if let Some(number) = entry.to_str().ok().and_then(|name| name.parse().ok()) {
                each(number);
            }
        }
    }
}

/// Takes the name of the first `linux_dirent64` off: a number and an offset of 8 bytes each, the length of all in 2, a kind in 1, the name.
fn first_entry<'e>(entries: &mut &'e [u8]) -> Option<&'e CStr> {
    let len = usize::from(u16::from_ne_bytes(entries.get(16..18)?.try_into().ok()?));
    let (entry, others) = entries.split_at_checked(len)?;
    *entries = others;
    CStr::from_bytes_until_nul(entry.get(19..)?).ok()
}

fn open_file(path: Arguments<'_>, flags: OFlag) -> Result<OwnedFd, Errno> {
    let mut text = Text::<128>::new();
    text.push_all(path);
    text.push("\0");
    let path = CStr::from_bytes_until_nul(text.as_str().as_bytes()).map_err(|_| Errno::ENAMETOOLONG)?;
    open(path, flags | OFlag::O_CLOEXEC, Mode::empty())
}

/// Text of bounded length. What does not fit is left out.
struct Text<const LEN: usize> {
    bytes: [u8; LEN],
    len: usize,
}

impl<const LEN: usize> Text<LEN> {
    fn new() -> Self {
        Self { bytes: [0; LEN], len: 0 }
    }

    fn push(&mut self, text: &str) {
        // It never fails, see below.
        let _ = self.write_str(text);
    }

    fn push_all(&mut self, text: Arguments<'_>) {
        let _ = self.write_fmt(text);
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl<const LEN: usize> Write for Text<LEN> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = LEN - self.len;
        let fitting = text.floor_char_boundary(room);
        self.bytes[self.len..][..fitting].copy_from_slice(&text.as_bytes()[..fitting]);
        self.len += fitting;
        Ok(())
    }
}
