//! Collecting: what a kernel returns for each item, gathered in an array; and what happens when it returns an error.

use ndarray::{Array2, ArrayView1};

const TRACES: usize = 600;

/// When the pulse in a trace has its peak, by a parabola through the highest sample and its neighbours.
#[pasha::kernel]
fn arrival(
    _worker_id: usize,
    _index: usize,
    trace: ArrayView1<'_, f64>,
    #[param] threshold: f64,
) -> Result<f64, String> {
    let highest =
        (1..trace.len() - 1).max_by(|a, b| trace[*a].total_cmp(&trace[*b])).ok_or("the trace is too short")?;
    let [left, peak, right] = [highest - 1, highest, highest + 1].map(|sample| trace[sample]);
    if peak < threshold {
        return Err(format!("no pulse: the highest sample is {peak:.3}"));
    }
    Ok(highest as f64 + 0.5 * (left - right) / (left - 2.0 * peak + right))
}

fn true_arrival(index: usize) -> f64 {
    128.0 + 100.0 * (index as f64 / 40.0).sin()
}

fn main() -> pasha::Result<()> {
    let mut traces = Array2::from_shape_fn((TRACES, 256), |(index, sample)| {
        (-(sample as f64 - true_arrival(index)).powi(2) / 200.0).exp()
    });

    let arrivals = pasha::collect(arrival { threshold: 0.5 }, &traces)?;
    for index in (0..TRACES).step_by(12) {
        println!("{index:>5} {:>8.3}  {:>2$}", arrivals[index], '*', (arrivals[index] / 4.0) as usize);
    }
    let worst = arrivals.iter().enumerate().map(|(index, at)| (at - true_arrival(index)).abs()).fold(0.0, f64::max);
    println!("\n{} arrivals, wrong by {worst:.1e} samples at most", arrivals.len());
    assert!(worst < 1e-3);

    for index in [550, 123, 456] {
        traces.row_mut(index).fill(0.0);
    }
    let error = pasha::collect(arrival { threshold: 0.5 }, &traces).expect_err("three traces have no pulse");
    println!("without three of the pulses: {error}");
    assert_eq!(error.index(), Some(123), "the first of them, whoever came to which first");
    Ok(())
}
