//! Pixel events of a Timepix camera: two sources, eight flat outputs cut by a prefix sum of the events of each train, one of
//! them optional, nothing to do for an empty train.

use pasha::prelude::*;
use pasha::{Ix1, Ranges};

use super::noise::Noise;
use crate::support::{Counters, cases};

cases![
    events_of_all_trains_lie_one_after_another,
    the_label_may_be_left_out,
    empty_trains_are_skipped,
    offsets_that_do_not_fit_the_events_are_an_error,
];

#[derive(Clone, Copy)]
struct Event {
    x: u16,
    y: u16,
    toa: u32,
    fine: u8,
    tot: u16,
}

/// What the run holds by train: the events of the camera and the trigger of the laser.
#[derive(Functor)]
struct Run {
    train_id: Vec<u64>,
    events: Vec<Vec<Event>>,
    trigger: Vec<f64>,
}

fn run(trains: usize) -> Run {
    let mut noise = Noise::new(77);
    let event = |noise: &mut Noise| Event {
        x: noise.below(256) as u16,
        y: noise.below(256) as u16,
        toa: noise.below(1 << 20) as u32,
        fine: noise.below(16) as u8,
        tot: 1 + noise.below(1000) as u16,
    };
    let events_of = |train: usize, noise: &mut Noise| match train % 4 {
        1 => Vec::new(),
        _ => {
            let events = noise.below(40);
            (0..events).map(|_| event(noise)).collect()
        }
    };
    Run {
        train_id: (0..trains as u64).map(|train| 10_000 + train).collect(),
        events: (0..trains).map(|train| events_of(train, &mut noise)).collect(),
        trigger: (0..trains).map(|_| noise.unit()).collect(),
    }
}

fn seconds(event: Event, trigger: f64) -> f64 {
    f64::from(event.toa) * 25e-9 - f64::from(event.fine) * 1.5625e-9 - trigger
}

/// 0 for the left half of the sensor, 1 for the right, 2 for noise.
fn label(event: Event) -> i8 {
    if event.tot < 20 { 2 } else { i8::from(event.x >= 128) }
}

#[pasha::kernel]
#[allow(clippy::too_many_arguments)]
fn unpack(
    _worker_id: usize,
    _index: usize,
    RunItem { train_id, events, trigger }: RunItem<'_>,
    #[param] calls: &Counters,
    #[out(ranges)] x: &mut [u16],
    #[out(ranges)] y: &mut [u16],
    #[out(ranges)] toa: &mut [f64],
    #[out(ranges)] tot: &mut [f32],
    #[out(ranges)] train: &mut [u64],
    #[out(ranges)] order: &mut [u32],
    #[out(ranges)] charge: &mut [u64],
    #[out(ranges)] labels: Option<&mut [i8]>,
) -> Result<(), String> {
    if events.is_empty() {
        return Ok(());
    }
    calls.count(0);
    if x.len() != events.len() {
        return Err(format!("train {train_id} has {} events, but there is room for {}", events.len(), x.len()));
    }
    let mut sum = 0;
    for (at, event) in events.iter().enumerate() {
        (x[at], y[at]) = (event.x, event.y);
        toa[at] = seconds(*event, *trigger);
        tot[at] = f32::from(event.tot);
        sum += u64::from(event.tot);
        charge[at] = sum;
        order[at] = at as u32;
    }
    train.fill(*train_id);
    if let Some(labels) = labels {
        labels.iter_mut().zip(events).for_each(|(to, event)| *to = label(*event));
    }
    Ok(())
}

fn offsets(run: &Run) -> Vec<usize> {
    let ends = run.events.iter().scan(0, |sum, events| {
        *sum += events.len();
        Some(*sum)
    });
    std::iter::once(0).chain(ends).collect()
}

/// The eight flat arrays.
struct Events {
    x: SharedArray<u16, Ix1>,
    y: SharedArray<u16, Ix1>,
    toa: SharedArray<f64, Ix1>,
    tot: SharedArray<f32, Ix1>,
    train: SharedArray<u64, Ix1>,
    order: SharedArray<u32, Ix1>,
    charge: SharedArray<u64, Ix1>,
    labels: SharedArray<i8, Ix1>,
}

impl Events {
    fn alloc(ctx: &Context, events: usize) -> Self {
        Self {
            x: ctx.alloc().shape(events).build().unwrap(),
            y: ctx.alloc().shape(events).build().unwrap(),
            toa: ctx.alloc().shape(events).build().unwrap(),
            tot: ctx.alloc().shape(events).build().unwrap(),
            train: ctx.alloc().shape(events).build().unwrap(),
            order: ctx.alloc().shape(events).build().unwrap(),
            charge: ctx.alloc().shape(events).build().unwrap(),
            labels: ctx.alloc().shape(events).fill(-1).build().unwrap(),
        }
    }

    /// Maps over the run and gives the number of trains that had events.
    fn unpack(&mut self, ctx: &Context, run: &Run, offsets: &[usize], labelled: bool) -> pasha::Result<u64> {
        let calls = Counters::new(1);
        let Self { x, y, toa, tot, train, order, charge, labels } = self;
        let labels: Option<Ranges<'_, i8, Ix1>> = if labelled { Some(labels.ranges(offsets)?) } else { None };
        let kernel = unpack {
            calls: &calls,
            x: x.ranges(offsets)?,
            y: y.ranges(offsets)?,
            toa: toa.ranges(offsets)?,
            tot: tot.ranges(offsets)?,
            train: train.ranges(offsets)?,
            order: order.ranges(offsets)?,
            charge: charge.ranges(offsets)?,
            labels,
        };
        ctx.map(kernel, run)?;
        Ok(calls.total())
    }

    fn check(&self, run: &Run) {
        let mut at = 0;
        for ((events, train_id), trigger) in run.events.iter().zip(&run.train_id).zip(&run.trigger) {
            let mut sum = 0;
            for (order, event) in events.iter().enumerate() {
                sum += u64::from(event.tot);
                assert_eq!((self.x[at], self.y[at], self.tot[at]), (event.x, event.y, f32::from(event.tot)));
                assert_eq!(self.toa[at], seconds(*event, *trigger));
                assert_eq!((self.train[at], self.order[at], self.charge[at]), (*train_id, order as u32, sum));
                at += 1;
            }
        }
        assert_eq!(at, self.x.len());
    }
}

fn events_of_all_trains_lie_one_after_another(ctx: &Context) {
    let run = run(90);
    let offsets = offsets(&run);
    let mut events = Events::alloc(ctx, offsets[90]);
    events.unpack(ctx, &run, &offsets, true).unwrap();
    events.check(&run);
    let labels: Vec<i8> = run.events.iter().flatten().map(|event| label(*event)).collect();
    assert_eq!(events.labels.to_vec(), labels);
}

fn the_label_may_be_left_out(ctx: &Context) {
    let run = run(40);
    let offsets = offsets(&run);
    let mut events = Events::alloc(ctx, offsets[40]);
    events.unpack(ctx, &run, &offsets, false).unwrap();
    events.check(&run);
    assert!(events.labels.iter().all(|label| *label == -1));
}

fn empty_trains_are_skipped(ctx: &Context) {
    let run = run(90);
    let offsets = offsets(&run);
    let with_events = run.events.iter().filter(|events| !events.is_empty()).count();
    assert!(with_events < 70);
    let mut events = Events::alloc(ctx, offsets[90]);
    assert_eq!(events.unpack(ctx, &run, &offsets, true).unwrap(), with_events as u64);
}

fn offsets_that_do_not_fit_the_events_are_an_error(ctx: &Context) {
    let run = run(30);
    let mut offsets = offsets(&run);
    let short = (0..30).find(|train| run.events[*train].len() > 1).unwrap();
    offsets[short + 1] -= 1;
    let mut events = Events::alloc(ctx, offsets[30]);
    let error = events.unpack(ctx, &run, &offsets, true).unwrap_err();
    assert_eq!((error.kind(), error.index()), (pasha::ErrorKind::Kernel, Some(short)));
    assert!(error.to_string().contains(&format!("train {}", 10_000 + short)), "{error}");

    *offsets.last_mut().unwrap() += 1000;
    assert_eq!(events.unpack(ctx, &run, &offsets, true).unwrap_err().kind(), pasha::ErrorKind::Shape);
}
