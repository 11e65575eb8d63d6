//! A resident worker: waits for calls, and does its part of each.

use std::io;
use std::time::Duration;

use super::desk::{Desk, Joined};
use super::mission::{Mission, Role};
use crate::context::job::{Cause, Failure};
use crate::context::processes::outbox::Outbox;
use crate::context::processes::part::Part;
use crate::context::processes::team::Again;
use crate::sys::memory::Span;
use crate::sys::reserve::Reserve;
use crate::sys::{parcel, process};

/// Serves at one seat until there are no more calls.
pub(super) fn serve(desk: Desk<'_>, seat: usize, awake: Duration) {
    desk.take_seat(seat, process::id());
    let reserve = Reserve::get().expect("the host has made it");
    let mut rights = Rights { reserve, writable: Vec::new(), protected: false };
    let mut last = 0;
    while let Some(generation) = desk.wait_for_call(seat, last, awake) {
        last = generation;
        let Some(joined) = desk.join(seat, generation) else { continue };
        let Some(mission) = parcel::mission(&joined).of(generation) else { continue };
        let Some(role) = mission.roles.iter().find(|role| role.worker == seat) else {
            if mission.roles.is_empty() && mission.board.begins(seat) {
                work(&joined, mission, Role { worker: seat, again: &[], anew: false }, &mut rights);
            }
            continue;
        };
        work(&joined, mission, *role, &mut rights);
    }
}

fn work(joined: &Joined<'_>, mission: &Mission<'_>, role: Role<'_>, rights: &mut Rights) {
    let Role { worker, again, anew } = role;
    let Mission { errand, board, outboxes, writable, fresh, .. } = *mission;
    let again = Again { units: again.to_vec(), anew };
    let part = Part { worker, board, outbox: Outbox(&outboxes[worker]), fresh, again };
    if let Err(errno) = rights.set(writable) {
        return part.leave_unprotected(errno);
    }
    part.run(|lease| {
        process::caught(|| errand.run(joined, lease)).unwrap_or_else(|| {
            Err(Failure::new(Cause::Panic, None, "what the map works on could not be made in the worker".to_owned()))
        })
    });
    // What the kernel printed and what the libraries it calls did.
    process::flush();
}

/// What this worker may write of the arrays in the reserve.
struct Rights {
    reserve: &'static Reserve,
    writable: Vec<Span>,
    /// Whether all others are read-only.
    protected: bool,
}

impl Rights {
    /// These, and no others. Costs nothing if they are those of the map before.
    fn set(&mut self, writable: &[Span]) -> io::Result<()> {
        if !self.protected {
            self.reserve.protect()?;
            self.protected = true;
        }
        if *self.writable == *writable {
            return Ok(());
        }
        let before = std::mem::take(&mut self.writable);
        for span in before.iter().filter(|span| !writable.contains(span)) {
            self.reserve.set_writable(*span, false)?;
        }
        for span in writable.iter().filter(|span| !before.contains(span)) {
            self.reserve.set_writable(*span, true)?;
        }
        self.writable = writable.to_vec();
        Ok(())
    }
}
