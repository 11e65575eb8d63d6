//! Calls of the system that fail or take their time: this program's own `fork` and `prctl` come before those of the C library.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc;

static FORKS: AtomicU64 = AtomicU64::new(0);
static UNTIL_FAILURE: AtomicI64 = AtomicI64::new(-1);
static ERRNO: AtomicI32 = AtomicI32::new(0);
static DELAY: AtomicU64 = AtomicU64::new(0);

/// How often this program has asked for a fork.
pub(crate) fn forks() -> u64 {
    FORKS.load(SeqCst)
}

/// Has the fork after `good` others fail, once, until what is returned is dropped.
pub(crate) fn fail_fork_after(good: u32, errno: Errno) -> impl Drop {
    struct Normal;

    impl Drop for Normal {
        fn drop(&mut self) {
            UNTIL_FAILURE.store(-1, SeqCst);
        }
    }

    ERRNO.store(errno as i32, SeqCst);
    UNTIL_FAILURE.store(i64::from(good), SeqCst);
    Normal
}

/// Has children wait before they ask to be ended with their parent.
pub(crate) fn delay_the_request_to_end_with_the_parent(delay: Duration) {
    DELAY.store(delay.as_millis() as u64, SeqCst);
}

#[unsafe(no_mangle)]
extern "C" fn fork() -> libc::pid_t {
    type Fork = extern "C" fn() -> libc::pid_t;

    FORKS.fetch_add(1, SeqCst);
    if UNTIL_FAILURE.load(SeqCst) >= 0 && UNTIL_FAILURE.fetch_sub(1, SeqCst) == 0 {
        Errno::set_raw(ERRNO.load(SeqCst));
        return -1;
    }
    // SAFETY: the name is a string of C.
    let real = unsafe { libc::dlsym(libc::RTLD_NEXT, c"fork".as_ptr()) };
    assert!(!real.is_null(), "the C library has a fork");
    // SAFETY: that is its type.
    let real = unsafe { std::mem::transmute::<*mut libc::c_void, Fork>(real) };
    real()
}

#[unsafe(no_mangle)]
extern "C" fn prctl(
    option: libc::c_int,
    a: libc::c_ulong,
    b: libc::c_ulong,
    c: libc::c_ulong,
    d: libc::c_ulong,
) -> libc::c_int {
    if option == libc::PR_SET_PDEATHSIG {
        sleep(Duration::from_millis(DELAY.load(SeqCst)));
    }
    // SAFETY: handed on as it came.
    unsafe { libc::syscall(libc::SYS_prctl, option, a, b, c, d) as libc::c_int }
}
