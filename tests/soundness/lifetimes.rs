//! Scratch and functor state: made on the worker that uses them, dropped there, and never seen by another.

use std::cell::Cell;
use std::process;
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::{self, ThreadId};

use pasha::ErrorKind;
use pasha::functor::{Functor, Item, Items};
use pasha_tests::support::{Counters, Setting};

use crate::common::{indices, nothing};

cases![
    scratch_lives_and_dies_on_its_worker,
    state_lives_and_dies_on_its_worker,
    scratch_and_state_are_dropped_after_a_failure,
    scratch_and_state_are_dropped_after_a_panic,
    nothing_is_made_for_workers_without_work,
    what_the_functor_owns_is_dropped_once_by_the_host,
];

const ITEMS: usize = 200;

const MADE: usize = 0;
const DROPPED: usize = 1;
const STRANGERS: usize = 2;
const BY_THE_HOST: usize = 3;

/// Knows where it was made, and may not leave: it is not `Send`.
struct Homebound<'c> {
    counters: &'c Counters,
    home: (u32, ThreadId),
    host: u32,
    _not_send: Rc<Cell<u32>>,
}

fn here() -> (u32, ThreadId) {
    (process::id(), thread::current().id())
}

impl<'c> Homebound<'c> {
    fn new(counters: &'c Counters, host: u32) -> Self {
        counters.count(MADE);
        Self { counters, home: here(), host, _not_send: Rc::new(Cell::new(0)) }
    }

    fn greet(&self) {
        if here() != self.home {
            self.counters.count(STRANGERS);
        }
    }
}

impl Drop for Homebound<'_> {
    fn drop(&mut self) {
        self.greet();
        self.counters.count(DROPPED);
        if process::id() == self.host {
            self.counters.count(BY_THE_HOST);
        }
    }
}

#[track_caller]
fn all_well(setting: &Setting, counters: &Counters, most: usize) {
    let made = counters.get(MADE);
    assert!(made >= 1 && made <= most as u64, "{made} were made");
    assert_eq!(counters.get(DROPPED), made, "each is dropped once");
    assert_eq!(counters.get(STRANGERS), 0, "some were used or dropped elsewhere");
    let by_the_host = if setting.kind.is_elsewhere() { 0 } else { made };
    assert_eq!(counters.get(BY_THE_HOST), by_the_host);
}

#[pasha::kernel]
fn greet<'c>(
    _worker_id: usize,
    _index: usize,
    _item: usize,
    #[scratch] resident: &mut Homebound<'c>,
    #[out] greeted: &mut u8,
) {
    resident.greet();
    *greeted = 1;
}

fn scratch_lives_and_dies_on_its_worker(setting: &Setting) {
    let (ctx, counters, host) = (setting.ctx(), Counters::new(4), process::id());
    let mut out = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    ctx.map(greet { resident: || Homebound::new(&counters, host), greeted: &mut out }, 0..ITEMS).unwrap();
    all_well(setting, &counters, ctx.workers());
}

/// A functor whose state is homebound, and which fails at an index.
fn homes(counters: &Counters, fails_at: Option<usize>) -> impl Functor + for<'a> Items<'a, Item = usize> {
    let host = process::id();
    let make = move || Homebound::new(counters, host);
    indices(ITEMS, make, move |state: &mut Homebound<'_>, index| {
        state.greet();
        if fails_at == Some(index) { Err(pasha::Error::functor("on purpose")) } else { Ok(()) }
    })
}

fn state_lives_and_dies_on_its_worker(setting: &Setting) {
    let (ctx, counters) = (setting.ctx(), Counters::new(4));
    ctx.map(nothing {}, homes(&counters, None)).unwrap();
    all_well(setting, &counters, ctx.workers());
}

fn scratch_and_state_are_dropped_after_a_failure(setting: &Setting) {
    let (ctx, counters, host) = (setting.ctx(), Counters::new(4), process::id());
    let mut out = ctx.alloc::<u8>().shape(ITEMS).build().unwrap();
    let functor = homes(&counters, Some(ITEMS / 2));
    let kernel = greet { resident: || Homebound::new(&counters, host), greeted: &mut out };
    assert_eq!(ctx.map(kernel, functor).unwrap_err().kind(), ErrorKind::Functor);
    all_well(setting, &counters, 2 * ctx.workers());
}

fn scratch_and_state_are_dropped_after_a_panic(setting: &Setting) {
    #[pasha::kernel]
    fn panics<'c>(_worker_id: usize, index: usize, _item: usize, #[scratch] resident: &mut Homebound<'c>) {
        resident.greet();
        assert!(index != ITEMS / 2, "on purpose");
    }

    let (ctx, counters, host) = (setting.ctx(), Counters::new(4), process::id());
    let functor = homes(&counters, None);
    let error = ctx.map(panics { resident: || Homebound::new(&counters, host) }, functor).unwrap_err();
    assert_eq!((error.kind(), error.index()), (ErrorKind::Panic, Some(ITEMS / 2)));
    all_well(setting, &counters, 2 * ctx.workers());
}

fn nothing_is_made_for_workers_without_work(setting: &Setting) {
    let (ctx, counters, host) = (setting.ctx(), Counters::new(4), process::id());
    let mut out = ctx.alloc::<u8>().shape(0).build().unwrap();
    ctx.map(greet { resident: || Homebound::new(&counters, host), greeted: &mut out }, 0..0).unwrap();
    assert_eq!(counters.total(), 0);
    let mut out = ctx.alloc::<u8>().shape(1).build().unwrap();
    ctx.map(greet { resident: || Homebound::new(&counters, host), greeted: &mut out }, 0..1).unwrap();
    all_well(setting, &counters, 1);
}

fn what_the_functor_owns_is_dropped_once_by_the_host(setting: &Setting) {
    struct Owning<'c>(Vec<f64>, &'c Counters);

    impl Drop for Owning<'_> {
        fn drop(&mut self) {
            self.1[0].fetch_add(self.0.len() as u64, SeqCst);
        }
    }

    impl<'a> Items<'a> for Owning<'_> {
        type Item = &'a f64;
    }

    impl Functor for Owning<'_> {
        type State = ();

        fn items(&self) -> pasha::Result<usize> {
            Ok(self.0.len())
        }

        fn state(&self) -> pasha::Result<()> {
            Ok(())
        }

        fn item<'a>(&'a self, (): &'a mut (), index: usize) -> pasha::Result<Item<'a, Self>> {
            Ok(&self.0[index])
        }
    }

    #[pasha::kernel]
    fn nothing_of_floats(_worker_id: usize, _index: usize, _item: &f64) {}

    let counters = Counters::new(1);
    setting.ctx().map(nothing_of_floats {}, Owning(vec![1.0; ITEMS], &counters)).unwrap();
    assert_eq!(counters.get(0), ITEMS as u64);
}
