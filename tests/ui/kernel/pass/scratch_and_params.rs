//! What can be scratch and what a parameter.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{Array2, ArrayView2};
use pasha::prelude::*;

#[pasha::kernel]
fn scratches<'k>(
    _worker_id: usize,
    _index: usize,
    item: u64,
    #[scratch] vector: &mut Vec<u64>,
    #[scratch] counted: &mut Rc<Cell<u64>>,
    #[scratch] map: &mut HashMap<u64, RefCell<u64>>,
    #[scratch] boxed: &mut Box<dyn FnMut(u64) -> u64>,
    #[scratch] text: &mut String,
    #[scratch] array: &mut [u64; 3],
    #[scratch] table: &mut Array2<f64>,
    #[scratch] borrowed: &mut &'k [u64],
    #[scratch] option: &mut Option<u64>,
    #[scratch] unit: &mut (),
    #[out] sum: &mut u64,
) {
    vector.clear();
    vector.extend(0..item);
    counted.set(counted.get() + 1);
    *map.entry(item).or_default().borrow_mut() += 1;
    text.clear();
    text.push('x');
    array[0] = item;
    table.fill(1.0);
    *option = Some(item);
    *unit = ();
    *sum = vector.len() as u64 + boxed(item) + array[0] + borrowed[0] + text.len() as u64;
}

fn make() -> Vec<u64> {
    Vec::with_capacity(8)
}

#[test]
fn scratch() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    let owned = vec![100];
    let size = 2;
    let mut sum = ctx.alloc().shape(3).build()?;
    let kernel = scratches {
        vector: make,
        counted: Rc::default,
        map: HashMap::new,
        boxed: || {
            let mut calls = 0;
            Box::new(move |item| {
                calls += 1;
                item * calls.min(1)
            })
        },
        text: String::new,
        array: || [0; 3],
        table: || Array2::zeros((size, size)),
        borrowed: || &owned,
        option: || None,
        unit: || (),
        sum: &mut sum,
    };
    ctx.map(kernel, 0..3_u64)?;
    assert_eq!(sum.to_vec(), [101, 104, 107]);
    Ok(())
}

#[derive(Clone, Copy)]
enum Mode {
    Add,
    Multiply,
}

struct Calibration {
    gain: Array2<f64>,
    dark: f64,
}

#[pasha::kernel]
fn params(
    _worker_id: usize,
    _index: usize,
    item: u64,
    #[param] number: f64,
    #[param] mode: Mode,
    #[param] calibration: &Calibration,
    #[param] names: &[&str],
    #[param] text: &str,
    #[param] view: ArrayView2<'_, f64>,
    #[param] pair: (u8, char),
    #[param] function: fn(f64) -> f64,
    #[param] option: Option<&f64>,
    #[param] object: &(dyn Fn(f64) -> f64 + Sync),
    #[param] counter: &AtomicU64,
    #[param] locked: &Mutex<Vec<u64>>,
    #[param] array: &SharedArray<f64, pasha::Ix1>,
    #[param] forever: &'static str,
) -> f64 {
    counter.fetch_add(1, Ordering::Relaxed);
    locked.lock().unwrap().push(item);
    let value = match mode {
        Mode::Add => number + item as f64,
        Mode::Multiply => number * item as f64,
    };
    let extra = calibration.gain.sum() + calibration.dark + names.len() as f64 + text.len() as f64 + forever.len() as f64;
    object(function(value)) + extra + view.sum() + f64::from(pair.0) + option.copied().unwrap_or(0.0) + array.sum()
}

#[test]
fn param() -> pasha::Result<()> {
    let ctx = Context::threads().workers(2).build()?;
    let calibration = Calibration { gain: Array2::zeros((2, 2)), dark: 1.0 };
    let (counter, locked) = (AtomicU64::new(0), Mutex::new(vec![]));
    let array = ctx.alloc().shape(2).fill(1.0).build()?;
    let names: Vec<&str> = vec!["a", "b"];
    let offset = 0.5;
    for mode in [Mode::Add, Mode::Multiply] {
        let kernel = params {
            number: 2.0,
            mode,
            calibration: &calibration,
            names: &names,
            text: "abc",
            view: calibration.gain.view(),
            pair: (4, 'x'),
            function: f64::abs,
            option: None,
            object: &|value| value + offset,
            counter: &counter,
            locked: &locked,
            array: &array,
            forever: "abcd",
        };
        let values = ctx.collect(kernel, 1..3_u64)?;
        let extra = 0.5 + 1.0 + 2.0 + 3.0 + 4.0 + 4.0 + 2.0;
        match mode {
            Mode::Add => assert_eq!(values.to_vec(), [3.0 + extra, 4.0 + extra]),
            Mode::Multiply => assert_eq!(values.to_vec(), [2.0 + extra, 4.0 + extra]),
        }
    }
    assert_eq!((counter.into_inner(), locked.into_inner().unwrap().len()), (4, 4));
    Ok(())
}
