//! The first program: a kernel for one value, mapped over many by worker processes.

/// Multiplies each value by 3.
#[pasha::kernel]
fn triple_it(_worker_id: usize, _index: usize, value: &f64, #[out] tripled: &mut f64) {
    *tripled = 3.0 * value;
}

fn main() -> pasha::Result<()> {
    let inp: Vec<f64> = (0..100).map(f64::from).collect();
    let mut tripled = pasha::alloc_like(&inp)?;
    let report = pasha::map(triple_it { tripled: &mut tripled }, &inp)?;
    assert!(tripled.iter().zip(&inp).all(|(t, v)| *t == 3.0 * v));

    println!("{report}\n");
    println!("{tripled}");
    Ok(())
}
