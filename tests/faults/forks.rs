//! What is left when the system refuses a fork. Figure 10.

use nix::errno::Errno;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use pasha::ErrorKind;
use pasha::prelude::*;
use pasha_tests::support::Counters;

use crate::relatives::{Player, end_in_time, variable};
use crate::shim::{ERRNO, FAIL_FORK, Shim};
use crate::table::{Table, Verdict};

pub(crate) const ROLE: &str = "have a fork fail";

const WORKERS: usize = 6;

/// Forks in the first map: those of all workers, and of some that take over from others.
const REPLACED: usize = 3;

pub(crate) fn measure(table: &mut Table) {
    let Some(shim) = Shim::compile() else {
        return table.row(10, "", Verdict::Skipped("no C compiler"));
    };
    let (mut tried, mut children, mut wrong) = (0, 0, 0);
    for errno in [Errno::EAGAIN, Errno::ENOMEM] {
        for k in 1..=WORKERS + REPLACED {
            let variables = [shim.preload(), (FAIL_FORK, k.to_string()), (ERRNO, (errno as i32).to_string())];
            let mut player = Player::start(ROLE, &variables, true);
            let line = player.line();
            let ended = player.wait();
            tried += 1;
            match line.as_deref() {
                Some("none") if ended.success() => {}
                Some("children") => children += 1,
                _ => {
                    wrong += 1;
                    println!("fork {k} fails with {errno}: {} ({ended})", line.unwrap_or_default());
                }
            }
        }
    }
    let more = if wrong > 0 { format!(", {wrong} wrong otherwise") } else { String::new() };
    let ours = format!("{children} of {tried} (k = 1 to {}, EAGAIN, ENOMEM){more}", WORKERS + REPLACED);
    table.row(10, ours, Verdict::held_if(children == 0 && wrong == 0));
}

#[pasha::kernel]
fn write(_worker_id: usize, index: usize, _item: usize, #[param] begun: &Counters, #[out] row: &mut [usize]) {
    row[0] = index;
    // Items in each part, so that there are as many deaths as are wanted, whoever comes first.
    if index % 20 == 7 && index / 20 < REPLACED && begun.count(index) == 0 {
        let _ = raise(Signal::SIGKILL);
    }
    row[1] = index;
}

/// The role: maps, expects an error and no children, and that the next map is right.
pub(crate) fn fail() {
    end_in_time(20);
    const ITEMS: usize = 120;
    let begun = Counters::new(ITEMS);
    let ctx = Context::processes().workers(WORKERS).on_death(OnDeath::Retry(1)).build();
    let ctx = ctx.expect("a context of a few workers can be made");
    let mut rows = ctx.alloc::<usize>().shape((ITEMS, 2)).fill(7).build().expect("there is memory");
    let result = ctx.map(write { begun: &begun, row: &mut rows }, 0..ITEMS);
    if waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT) != Err(Errno::ECHILD) {
        println!("children");
        return;
    }
    let error = match result {
        Err(error) => error,
        Ok(report) => {
            println!("the map is done nevertheless: {report}");
            return;
        }
    };
    let first_team = variable(FAIL_FORK) as usize <= WORKERS;
    if error.kind() != ErrorKind::System {
        println!("a wrong error: {error}");
    } else if first_team && rows.iter().any(|value| *value != 7) {
        println!("the array was touched");
    } else {
        let next = ctx.map(write { begun: &begun, row: &mut rows }, 0..ITEMS).is_ok();
        let right = next && rows.indexed_iter().all(|((index, _), value)| *value == index);
        println!("{}", if right { "none" } else { "the next map is wrong" });
    }
}
