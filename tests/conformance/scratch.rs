//! `#[scratch]`: working memory of one worker, made once.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use pasha::prelude::*;

use crate::support::{Counters, cases};

cases![
    it_is_made_once_by_each_worker_that_has_something_to_do,
    it_is_not_made_when_there_is_nothing_to_do,
    it_keeps_what_the_last_call_left_in_it,
    it_need_not_be_sendable,
    it_is_dropped_on_the_worker_after_its_last_item,
    it_is_dropped_when_the_kernel_fails,
    several_are_made_side_by_side,
    its_closure_may_borrow_from_the_caller,
];

struct Dropped<'c>(&'c Counters);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.count(1);
    }
}

#[pasha::kernel]
fn note<'c>(
    worker_id: usize,
    index: usize,
    fail_at: &usize,
    #[scratch] _scratch: &mut Dropped<'c>,
    #[out] by: &mut usize,
) -> Result<(), String> {
    *by = worker_id + 1;
    if index == *fail_at { Err("failed on purpose".to_owned()) } else { Ok(()) }
}

/// Maps over 60 items; gives the workers that did them, and the scratches made and dropped.
fn made_and_dropped(ctx: &Context, items: usize, fail_at: usize) -> (usize, u64, u64) {
    let counters = Counters::new(2);
    let scratch = || {
        counters.count(0);
        Dropped(&counters)
    };
    let mut by = ctx.alloc::<usize>().shape(items).build().unwrap();
    let mapped = ctx.map(note { _scratch: scratch, by: &mut by }, &vec![fail_at; items]);
    assert_eq!(mapped.is_err(), fail_at < items);
    let mut workers: Vec<usize> = by.iter().copied().filter(|by| *by > 0).collect();
    workers.sort_unstable();
    workers.dedup();
    (workers.len(), counters.get(0), counters.get(1))
}

fn it_is_made_once_by_each_worker_that_has_something_to_do(ctx: &Context) {
    let (workers, made, _) = made_and_dropped(ctx, 60, 60);
    assert!(made as usize >= workers && made as usize <= ctx.workers(), "{made} were made for {workers} workers");
    let fixed = made_and_dropped(ctx, 1, 1);
    assert_eq!((fixed.0, fixed.1), (1, 1));
}

fn it_is_not_made_when_there_is_nothing_to_do(ctx: &Context) {
    assert_eq!(made_and_dropped(ctx, 0, 0), (0, 0, 0));
}

fn it_is_dropped_on_the_worker_after_its_last_item(ctx: &Context) {
    let (_, made, dropped) = made_and_dropped(ctx, 60, 60);
    assert_eq!(made, dropped);
}

fn it_is_dropped_when_the_kernel_fails(ctx: &Context) {
    let (_, made, dropped) = made_and_dropped(ctx, 60, 33);
    assert_eq!(made, dropped);
}

fn it_keeps_what_the_last_call_left_in_it(ctx: &Context) {
    #[pasha::kernel]
    fn count(
        _worker_id: usize,
        _index: usize,
        _item: u8,
        #[scratch] calls: &mut u32,
        #[per_worker] counted: &mut u32,
    ) -> Result<(), String> {
        *calls += 1;
        *counted += 1;
        if calls == counted { Ok(()) } else { Err(format!("{calls} is not {counted}")) }
    }

    let mut counted = ctx.alloc::<u32>().shape(()).per_worker().build().unwrap();
    ctx.map(count { calls: || 0, counted: &mut counted }, 0..250).unwrap();
    assert_eq!(counted.sum(), 250);
}

fn it_need_not_be_sendable(ctx: &Context) {
    #[pasha::kernel]
    fn collatz(
        _worker_id: usize,
        _index: usize,
        start: u64,
        #[scratch] known: &mut Rc<RefCell<HashMap<u64, u32>>>,
        #[scratch] longest: &mut Rc<Cell<u32>>,
        #[out] steps: &mut u32,
    ) {
        let (mut number, mut count) = (start, 0);
        while number != 1 {
            if let Some(more) = known.borrow().get(&number) {
                count += more;
                break;
            }
            number = if number % 2 == 0 { number / 2 } else { 3 * number + 1 };
            count += 1;
        }
        known.borrow_mut().insert(start, count);
        longest.set(longest.get().max(count));
        *steps = count;
    }

    let mut steps = ctx.alloc::<u32>().shape(29).build().unwrap();
    ctx.map(collatz { known: Rc::default, longest: Rc::default, steps: &mut steps }, 1..30).unwrap();
    assert_eq!(steps.as_slice().unwrap()[..7], [0, 1, 7, 2, 5, 8, 16]);
    assert_eq!(steps[26], 111);
}

fn several_are_made_side_by_side(ctx: &Context) {
    #[pasha::kernel]
    fn median(
        _worker_id: usize,
        index: usize,
        values: &[f64; 5],
        #[scratch] sorted: &mut Vec<f64>,
        #[scratch] text: &mut String,
        #[out] median: &mut f64,
        #[out] digits: &mut usize,
    ) {
        sorted.clear();
        sorted.extend(values);
        sorted.sort_unstable_by(f64::total_cmp);
        *median = sorted[2];
        text.clear();
        text.push_str(&index.to_string());
        *digits = text.len();
    }

    let values: Vec<[f64; 5]> =
        (0..120).map(|row| [3.0, 1.0, 4.0, 1.5, 5.0].map(|value| value + f64::from(row))).collect();
    let mut found = ctx.alloc::<f64>().shape(120).build().unwrap();
    let mut digits = ctx.alloc::<usize>().shape(120).build().unwrap();
    let kernel =
        median { sorted: || Vec::with_capacity(5), text: String::new, median: &mut found, digits: &mut digits };
    ctx.map(kernel, &values).unwrap();
    assert_eq!(found.to_vec(), (0..120).map(|row| 3.0 + f64::from(row)).collect::<Vec<_>>());
    assert_eq!((digits[9], digits[10], digits[100]), (1, 2, 3));
}

fn its_closure_may_borrow_from_the_caller(ctx: &Context) {
    #[pasha::kernel]
    fn rotate(_worker_id: usize, _index: usize, by: usize, #[scratch] buffer: &mut Vec<u8>, #[out] first: &mut u8) {
        buffer.rotate_left(by % 4);
        *first = buffer[0];
        buffer.rotate_right(by % 4);
    }

    let template = vec![10, 20, 30, 40];
    let mut first = ctx.alloc::<u8>().shape(8).build().unwrap();
    ctx.map(rotate { buffer: || template.clone(), first: &mut first }, 0..8).unwrap();
    assert_eq!(first.to_vec(), [10, 20, 30, 40, 10, 20, 30, 40]);
}
