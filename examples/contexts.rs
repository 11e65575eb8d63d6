//! The same kernel serially, by processes and by threads: one result, three times.

use pasha::prelude::*;

const ROWS: usize = 1200;
const COLUMNS: usize = 1600;

/// How many steps each point of a row takes to leave the Mandelbrot set.
#[pasha::kernel]
fn escape_times(_worker_id: usize, _index: usize, &y: &f64, #[out] steps: &mut [u32]) {
    for (column, steps) in steps.iter_mut().enumerate() {
        let x = 3.0 * column as f64 / COLUMNS as f64 - 2.2;
        let (mut re, mut im) = (0.0, 0.0);
        *steps = 0;
        while re * re + im * im < 4.0 && *steps < 500 {
            (re, im) = (re * re - im * im + x, 2.0 * re * im + y);
            *steps += 1;
        }
    }
}

fn main() -> pasha::Result<()> {
    let y = ndarray::Array1::linspace(-1.125, 1.125, ROWS);
    let mut expected = None;
    // Threads come last: a program with threads cannot fork. Each context ends its threads when it is dropped.
    for name in ["serial", "processes", "threads"] {
        let ctx: Context = name.parse()?;
        let mut steps = ctx.alloc().shape((ROWS, COLUMNS)).build()?;
        let report = ctx.map(escape_times { steps: &mut steps }, &y)?;
        println!("{ctx}: {report}\n");
        let expected = expected.get_or_insert_with(|| steps.to_owned());
        assert_eq!(steps, *expected, "{ctx} gives what serial gives");
    }
    Ok(())
}
