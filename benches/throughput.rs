//! What the loop over cheap items costs, beside loops written by hand and rayon's iterators.

use std::cell::RefCell;
use std::hint::black_box;
use std::time::Instant;

use ndarray::ArrayView1;
use pasha::{Context, Ix0, Ix1, SharedArray};
use pasha_benches::Bar::{AtLeast, AtMost, None as NoBar};
use pasha_benches::{Pool, Race, Table, Unit, clock, quick};
use rayon::prelude::*;

/// Multiplies each value by 3.
#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

/// The same kernel and loop at several places of the program, with factors that keep the compiler from making them one. Where a loop of nine
/// instructions lies decides about 8 % of its time, on either side; so the best place counts, on either side.
macro_rules! places {
    ($($place:ident $factor:literal)*) => {
        $(mod $place {
            use super::*;

            #[pasha::kernel]
            fn multiply(_worker_id: usize, _index: usize, value: &f64, #[out] multiplied: &mut f64) {
                *multiplied = $factor * value;
            }

            pub(super) fn by_map(context: &Context, values: &[f64], multiplied: &mut SharedArray<f64, Ix1>) {
                context.map(multiply { multiplied }, values).expect("the kernel does not fail");
            }

            #[inline(never)]
            pub(super) fn by_hand(values: &[f64], multiplied: &mut [f64]) {
                for (value, multiplied) in values.iter().zip(multiplied) {
                    *multiplied = $factor * value;
                }
            }
        })*

        fn best_by_map(context: &Context, values: &[f64], multiplied: &mut SharedArray<f64, Ix1>) -> f64 {
            [$(clock(|| $place::by_map(context, black_box(values), multiplied))),*].into_iter().fold(f64::MAX, f64::min)
        }

        fn best_by_hand(values: &[f64], multiplied: &mut [f64]) -> f64 {
            [$(clock(|| $place::by_hand(black_box(values), black_box(multiplied)))),*].into_iter().fold(f64::MAX, f64::min)
        }
    };
}

places!(a 3.0 b 5.0 c 7.0 d 9.0 e 11.0 f 13.0);

/// Mixes the bits of a value: about 1 ns that no compiler turns into vector code.
#[pasha::kernel]
fn mix(_worker_id: usize, _index: usize, &value: &u64, #[out] mixed: &mut u64) {
    *mixed = fold(fold(fold(value)));
}

/// Adds up: about half a ns, for each addition waits for the one before.
#[pasha::kernel]
fn add(_worker_id: usize, _index: usize, value: &f64, #[reduce(sum)] total: &mut f64) {
    *total += value;
}

#[inline]
fn fold(value: u64) -> u64 {
    let product = u128::from(value) * 0xd6e8_feb8_6659_fd93;
    product as u64 ^ (product >> 64) as u64
}

#[inline(never)]
fn triple_by_hand(values: &[f64], tripled: &mut [f64]) {
    for (value, tripled) in values.iter().zip(tripled) {
        *tripled = 3.0 * value;
    }
}

#[inline(never)]
fn mix_by_hand(values: &[u64], mixed: &mut [u64]) {
    for (value, mixed) in values.iter().zip(mixed) {
        *mixed = fold(fold(fold(*value)));
    }
}

#[inline(never)]
fn add_by_hand(values: &[f64], total: &mut f64) {
    for value in values {
        *total += value;
    }
}

fn threads() -> Context {
    Context::threads().workers(2).build().expect("two threads can be started")
}

fn processes() -> Context {
    Context::processes().workers(2).build().expect("a context of processes starts nothing")
}

fn residents() -> Context {
    Context::processes().workers(2).resident().build().expect("`main` begins with `init`")
}

fn zeros<T: pasha::Element>(context: &Context, items: usize) -> SharedArray<T, Ix1> {
    context.alloc().shape(items).build().expect("there is memory for the bench")
}

fn zero(context: &Context) -> SharedArray<f64, Ix0> {
    context.alloc().shape(()).build().expect("there is memory for a number")
}

fn slice<T: pasha::Element>(array: &mut SharedArray<T, Ix1>) -> &mut [T] {
    array.view_mut().into_slice().expect("an array of one axis is contiguous")
}

fn main() {
    pasha::init().expect("there is one thread");
    cache();
    memory();
    fresh();
    million();
}

/// Bar 1. What many items cost more than few is the cost of the loop without that of the call. Both leave the first cache, so that the call is
/// paid with caches in the same state, and both write the same array, so that both have the same luck with addresses.
fn cache() {
    const FEW: usize = 4096;
    const MANY: usize = 8 * FEW;
    let Some(table) = Table::begin("throughput: triple_it of f64 in cache, one worker") else { return };
    let values: Vec<f64> = (0..MANY as u32).map(f64::from).collect();
    let serial = Context::serial();
    let tripled = RefCell::new([FEW, MANY].map(|items| zeros(&serial, items)));
    let mut race = Race::default();
    for (which, items) in [FEW, MANY].into_iter().enumerate() {
        let (values, tripled, serial) = (&values[..items], &tripled, &serial);
        race.enter(&format!("serial, {items} items"), move || {
            best_by_map(serial, values, &mut tripled.borrow_mut()[which])
        });
        race.enter(&format!("loop, {items} items"), move || {
            best_by_hand(values, slice(&mut tripled.borrow_mut()[which]))
        });
    }
    let [ours, hand, ours_many, hand_many] = race.run();
    let more = format!("{} items more", MANY - FEW);
    let ours_more = ours_many.without(&ours, &format!("serial, {more}"));
    let hand_more = hand_many.without(&hand, &format!("loop, {more}"));
    table.row(&ours_more, &hand_more, Unit::Item(MANY - FEW), AtMost("1", 1.02));
    table.row(&ours, &hand, Unit::Call, NoBar);
    table.row(&ours_many, &hand_many, Unit::Call, NoBar);
}

/// Bar 2. All write pages that are there: what fresh ones cost is another question.
fn memory() {
    let items = if quick() { 8 << 20 } else { 64 << 20 };
    let title = format!("throughput: triple_it of {} M f64 in memory, two workers", items >> 20);
    let Some(table) = Table::begin(&title) else { return };
    let values: Vec<f64> = (0..items).map(|index| index as f64).collect();
    let heap = RefCell::new(zeros(&Context::serial(), items));
    let vec = RefCell::new(vec![1.0; items]);
    let shared = RefCell::new(zeros(&processes(), items));
    slice(&mut shared.borrow_mut()).fill(1.0);
    let (values, heap, shared) = (&values[..], &heap, &shared);
    let for_residents = residents();
    let resident_values = for_residents.alloc().shape(items).fill_from(ArrayView1::from(values)).build();
    let resident_values = resident_values.expect("there is memory for the bench");
    let resident_tripled = &RefCell::new(zeros(&for_residents, items));
    let map = |context: &Context, tripled: &RefCell<SharedArray<f64, Ix1>>| {
        let tripled = &mut *tripled.borrow_mut();
        clock(|| drop(context.map(triple_it { tripled }, values).expect("the kernel does not fail")))
    };
    let mut race = Race::default();
    race.enter("threads:2", || map(&threads(), heap));
    let by_rayon = |tripled: &mut [f64]| {
        let pool = Pool::new(2);
        clock(|| {
            let pairs = tripled.par_iter_mut().zip(values);
            pool.install(|| pairs.for_each(|(tripled, value)| *tripled = 3.0 * value));
        })
    };
    race.enter("rayon over a Vec", || by_rayon(&mut vec.borrow_mut()));
    race.enter("rayon over our array", || by_rayon(slice(&mut heap.borrow_mut())));
    race.enter("serial", || map(&Context::serial(), heap));
    race.enter("loop", || {
        let tripled = &mut *heap.borrow_mut();
        clock(|| triple_by_hand(values, slice(tripled)))
    });
    race.enter("processes:2", || map(&processes(), shared));
    race.enter("residents:2", || {
        let tripled = &mut *resident_tripled.borrow_mut();
        clock(|| drop(for_residents.map(triple_it { tripled }, &resident_values).expect("the kernel does not fail")))
    });
    let [threads, rayon, on_huge_pages, serial, hand, processes, residents] = race.run();
    let bytes = Unit::Bytes(2 * size_of_val(values));
    table.row(&threads, &rayon, bytes, AtLeast("2", 1.0));
    table.row(&residents, &rayon, bytes, AtLeast("2b", 1.1));
    table.row(&threads, &on_huge_pages, bytes, NoBar);
    table.row(&residents, &on_huge_pages, bytes, NoBar);
    table.row(&processes, &rayon, bytes, NoBar);
    table.row(&serial, &hand, bytes, NoBar);
}

/// Bar 3. From before the output array is asked for until all is in it; what it takes to free it is not counted.
fn fresh() {
    let items = if quick() { 8 << 20 } else { 64 << 20 };
    let title = format!("throughput: triple_it of {} M f64 into a fresh array, two workers", items >> 20);
    let Some(table) = Table::begin(&title) else { return };
    let values: Vec<f64> = (0..items).map(|index| index as f64).collect();
    let values = &values[..];
    let map = |context: &Context| {
        // Threads are there already, as rayon's.
        let tripled = &mut zeros(context, 1);
        context.map(triple_it { tripled }, &values[..1]).expect("the kernel does not fail");
        best_of_three(|| {
            let mut tripled = zeros(context, items);
            context.map(triple_it { tripled: &mut tripled }, values).expect("the kernel does not fail");
            tripled
        })
    };
    let for_residents = residents();
    let resident_values = for_residents.alloc().shape(items).fill_from(ArrayView1::from(values)).build();
    let resident_values = resident_values.expect("there is memory for the bench");
    let mut race = Race::default();
    race.enter("threads:2", || map(&threads()));
    race.enter("vec![0.0; n] and rayon", || {
        let pool = Pool::new(2);
        best_of_three(|| {
            let mut tripled = vec![0.0; items];
            let pairs = tripled.par_iter_mut().zip(values);
            pool.install(|| pairs.for_each(|(tripled, value)| *tripled = 3.0 * value));
            tripled
        })
    });
    race.enter("processes:2", || map(&processes()));
    race.enter("serial", || map(&Context::serial()));
    race.enter("vec![0.0; n] and a loop", || {
        best_of_three(|| {
            let mut tripled = vec![0.0; items];
            triple_by_hand(values, &mut tripled);
            tripled
        })
    });
    race.enter("residents:2", || {
        best_of_three(|| {
            let mut tripled = zeros(&for_residents, items);
            let report = for_residents.map(triple_it { tripled: &mut tripled }, &resident_values);
            assert_eq!(report.expect("the kernel does not fail").why_forked(), None);
            tripled
        })
    });
    let [threads, rayon, processes, serial, hand, residents] = race.run();
    table.row(&threads, &rayon, Unit::Call, AtMost("3", 0.55));
    table.row(&residents, &rayon, Unit::Call, AtMost("3", 0.55));
    table.row(&processes, &rayon, Unit::Call, NoBar);
    table.row(&serial, &hand, Unit::Call, NoBar);
}

/// Seconds until `make` has made something, which is then dropped.
fn best_of_three<T>(make: impl Fn() -> T) -> f64 {
    let seconds = (0..3).map(|_| {
        let begun = Instant::now();
        let made = make();
        let seconds = begun.elapsed().as_secs_f64();
        drop(black_box(made));
        seconds
    });
    seconds.fold(f64::MAX, f64::min)
}

/// Bar 8.
fn million() {
    if let Some(table) = Table::begin("throughput: a million triples, two workers") {
        let values: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let map = |context: &Context, values: &[f64]| {
            let tripled = &mut zeros(context, values.len());
            clock(|| drop(context.map(triple_it { tripled }, values).expect("the kernel does not fail")))
        };
        million_of(&table, &values, map, triple_by_hand, NoBar);
    }
    if let Some(table) = Table::begin("throughput: a million mixes, two workers") {
        let values: Vec<u64> = (0..1_000_000).collect();
        let map = |context: &Context, values: &[u64]| {
            let mixed = &mut zeros(context, values.len());
            clock(|| drop(context.map(mix { mixed }, values).expect("the kernel does not fail")))
        };
        million_of(&table, &values, map, mix_by_hand, AtMost("8", 1.1));
    }
    if let Some(table) = Table::begin("throughput: a million additions, two workers") {
        let values: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let map = |context: &Context, values: &[f64]| {
            let total = &mut zero(context);
            clock(|| drop(context.map(add { total }, values).expect("the kernel does not fail")))
        };
        let by_hand = |values: &[f64], totals: &mut [f64]| add_by_hand(values, black_box(&mut totals[0]));
        million_of(&table, &values, map, by_hand, AtMost("8", 1.1));
    }
}

fn million_of<T: pasha::Element>(
    table: &Table,
    values: &[T],
    map: impl Fn(&Context, &[T]) -> f64,
    by_hand: impl Fn(&[T], &mut [T]) + Sync,
    bar: pasha_benches::Bar,
) {
    let (front, back) = values.split_at(values.len() / 2);
    let mut race = Race::default();
    race.enter("threads:2", || map(&threads(), values));
    race.enter("two halves, rayon join", || {
        let (pool, mut out) = (Pool::new(2), values.to_vec());
        let (out_front, out_back) = out.split_at_mut(front.len());
        // From a thread of the pool, which spares the halves the way into it.
        pool.install(|| clock(|| _ = rayon::join(|| by_hand(front, out_front), || by_hand(back, out_back))))
    });
    race.enter("two halves, thread::scope", || {
        let mut out = values.to_vec();
        let (out_front, out_back) = out.split_at_mut(front.len());
        clock(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| by_hand(back, out_back));
                by_hand(front, out_front);
            });
        })
    });
    race.enter("serial", || map(&Context::serial(), values));
    race.enter("loop, one worker", || {
        let mut out = values.to_vec();
        clock(|| by_hand(values, &mut out))
    });
    race.enter("processes:2", || map(&processes(), values));
    let [threads, join, scope, serial, hand, processes] = race.run();
    let items = Unit::Item(values.len());
    table.row(&threads, &join, items, bar);
    table.row(&threads, &scope, items, bar);
    table.row(&serial, &hand, items, NoBar);
    table.row(&processes, &threads, items, NoBar);
}
