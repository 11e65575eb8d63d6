//! What an item costs, over the number of items and of workers: it should rise with neither.
//!
//! A full run leaves `flat.csv`, `flat.md` and `flat.svg` in `results/`, a quick one in the folder for what is built.

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use ndarray::{Array3, ArrayView3, Axis};
use pasha::{Context, Ix1, SharedArray};
use pasha_benches::{Line, Machine, Panel, Race, Span, clock, plot, quick, selected};

/// Mixes the bits of a number: about 1 ns.
#[pasha::kernel]
fn mix(_worker_id: usize, _index: usize, number: u64, #[out] mixed: &mut u64) {
    *mixed = fold(fold(fold(number)));
}

#[inline]
fn fold(value: u64) -> u64 {
    let product = u128::from(value) * 0xd6e8_feb8_6659_fd93;
    product as u64 ^ (product >> 64) as u64
}

#[inline(never)]
fn mix_by_hand(mixed: &mut [u64]) {
    for (number, mixed) in (0..).zip(mixed) {
        *mixed = fold(fold(fold(number)));
    }
}

/// The sum of a frame: one of a few, as memory does not hold as many as are wanted.
#[pasha::kernel]
fn add(_worker_id: usize, _index: usize, item: usize, #[param] few: ArrayView3<'_, u16>, #[out] sum: &mut u64) {
    *sum = few.index_axis(Axis(0), item % FEW).iter().map(|&count| u64::from(count)).sum();
}

const FRAME: (usize, usize) = (512, 128);
/// 12.5 MiB.
const FEW: usize = 100;
const WORKERS: [usize; 5] = [1, 2, 4, 8, 16];

/// The cost an item, in seconds.
struct Cost {
    work: &'static str,
    context: &'static str,
    workers: usize,
    items: usize,
    seconds: f64,
}

fn main() {
    if !selected("flat: cost of an item") {
        return;
    }
    pasha::init().expect("there is one thread");
    let residents = WORKERS.map(|workers| {
        Context::processes().workers(workers).resident().build().expect("so many processes can be forked")
    });
    let machine = Machine::here();
    let mut costs = Vec::new();
    for power in 3..=if quick() { 6 } else { 8 } {
        measure(&mut costs, &residents, "item", 10usize.pow(power), mixes, |items| {
            let mut mixed = vec![0; items];
            clock(|| mix_by_hand(black_box(&mut mixed)))
        });
    }
    let few = Array3::from_shape_fn((FEW, FRAME.0, FRAME.1), |(frame, row, column)| (frame + row + column) as u16);
    for power in 2..=if quick() { 3 } else { 5 } {
        let (ours, by_hand) =
            (|context: &Context, number| sums(context, &few, number), |number| sums_by_hand(&few, number));
        measure(&mut costs, &residents, "frame", 10usize.pow(power), ours, by_hand);
    }
    keep(&machine, &costs);
}

fn mixes(context: &Context, items: usize) -> f64 {
    let mut mixed: SharedArray<u64, Ix1> = context.alloc().shape(items).build().expect("there is memory for the bench");
    clock(|| drop(context.map(mix { mixed: &mut mixed }, 0..items as u64).expect("the kernel does not fail")))
}

fn sums(context: &Context, few: &Array3<u16>, number: usize) -> f64 {
    let few = context.alloc().shape(few.raw_dim()).fill_from(few).build().expect("there is memory for the bench");
    let mut sum: SharedArray<u64, Ix1> = context.alloc().shape(number).build().expect("there is memory for the bench");
    clock(|| {
        drop(context.map(add { few: few.view(), sum: &mut sum }, 0..number).expect("the kernel does not fail"));
    })
}

fn sums_by_hand(few: &Array3<u16>, number: usize) -> f64 {
    let mut sums = vec![0; number];
    clock(|| {
        for (index, sum) in black_box(&mut sums).iter_mut().enumerate() {
            add(0, index, index, few.view(), sum);
        }
    })
}

fn measure(
    costs: &mut Vec<Cost>,
    residents: &[Context],
    work: &'static str,
    items: usize,
    map: impl Fn(&Context, usize) -> f64,
    by_hand: impl Fn(usize) -> f64,
) {
    let map = &map;
    let mut race = Race::default();
    race.at_most(3);
    let mut contenders = vec![("loop", 1), ("serial", 1)];
    race.enter("loop", || by_hand(items));
    race.enter("serial", || map(&Context::serial(), items));
    for workers in WORKERS {
        contenders.push(("threads", workers));
        race.enter("threads", move || {
            map(&Context::threads().workers(workers).build().expect("so many threads can be started"), items)
        });
    }
    for workers in WORKERS {
        contenders.push(("processes", workers));
        race.enter("processes", move || {
            map(&Context::processes().workers(workers).build().expect("a context of processes starts nothing"), items)
        });
    }
    for (workers, context) in WORKERS.into_iter().zip(residents) {
        contenders.push(("residents", workers));
        race.enter("residents", move || map(context, items));
    }
    print!("{items:>10} {work}s:");
    for ((context, workers), times) in contenders.into_iter().zip(race.run_all()) {
        let seconds = times.median() / items as f64;
        print!(" {} {}", name(context, workers), Span(seconds));
        costs.push(Cost { work, context, workers, items, seconds });
    }
    println!();
}

fn name(context: &str, workers: usize) -> String {
    if matches!(context, "loop" | "serial") { context.to_owned() } else { format!("{context}:{workers}") }
}

fn keep(machine: &Machine, costs: &[Cost]) {
    let folder = if quick() {
        Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned()
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("results")
    };
    fs::create_dir_all(&folder).expect("the folder of results can be made");
    let files =
        [("flat.csv", csv(machine, costs)), ("flat.md", markdown(machine, costs)), ("flat.svg", svg(machine, costs))];
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("the results can be written");
    }
    println!("written: flat.csv, flat.md and flat.svg, to {}", folder.display());
}

fn csv(machine: &Machine, costs: &[Cost]) -> String {
    let mut text = format!("# {machine}\nwork,context,workers,items,ns_an_item\n");
    for Cost { work, context, workers, items, seconds } in costs {
        _ = writeln!(text, "{work},{context},{workers},{items},{:.4}", seconds * 1e9);
    }
    text
}

fn markdown(machine: &Machine, costs: &[Cost]) -> String {
    let mut text = format!("# Cost of an item\n\n{machine}. The time of a map, divided by its items.\n");
    for work in ["item", "frame"] {
        let of_work = || costs.iter().filter(|cost| cost.work == work);
        let mut sizes: Vec<usize> = of_work().map(|cost| cost.items).collect();
        sizes.dedup();
        _ = write!(text, "\n|");
        sizes.iter().for_each(|items| _ = write!(text, " | {items} {work}s"));
        _ = writeln!(text, " |\n|---|{}", "---|".repeat(sizes.len()));
        for first in of_work().filter(|cost| cost.items == sizes[0]) {
            _ = write!(text, "| {}", name(first.context, first.workers));
            for cost in of_work().filter(|cost| (cost.context, cost.workers) == (first.context, first.workers)) {
                _ = write!(text, " | {}", Span(cost.seconds));
            }
            text += " |\n";
        }
    }
    text
}

fn svg(machine: &Machine, costs: &[Cost]) -> String {
    let line = |name: String, look, work, context, workers| {
        let of_line = |cost: &&Cost| (cost.work, cost.context, cost.workers) == (work, context, workers);
        Line {
            name,
            look,
            points: costs.iter().filter(of_line).map(|cost| (cost.items as f64, cost.seconds)).collect(),
        }
    };
    let panel = |work, context, title: &str| {
        let mut lines =
            vec![line("loop".to_owned(), 0, work, "loop", 1), line("serial".to_owned(), 1, work, "serial", 1)];
        for (step, workers) in WORKERS.into_iter().enumerate() {
            let name = format!("{workers} worker{}", if workers == 1 { "" } else { "s" });
            lines.push(line(name, step + 2, work, context, workers));
        }
        Panel { title: title.to_owned(), x: format!("{work}s in a map"), lines }
    };
    let contexts = [("threads", "threads"), ("residents", "resident processes"), ("processes", "forked processes")];
    let rows = [("item", "an item of about 1 ns"), ("frame", "a frame of 512 × 128 u16")]
        .map(|(work, what)| contexts.map(|(context, by)| panel(work, context, &format!("{by}: {what}"))).to_vec());
    plot("Time of a map, divided by its items", &machine.to_string(), &rows)
}
