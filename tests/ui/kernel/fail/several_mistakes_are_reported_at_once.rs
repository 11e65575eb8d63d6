#[pasha::kernel(parallel = true)]
async fn worst<T>(
    _worker_id: u32,
    _index: &usize,
    #[out] _sum: f64,
    #[reduce] _total: &f64,
    #[out(axis = 4, axes = 1)] _row: Option<&mut [f64]>,
    #[scratch] _buffer: Vec<f64>,
    #[param] _weights: &mut [f64],
    #[output] _other: &mut f64,
    _value: impl Copy,
) {
}

fn main() -> pasha::Result<()> {
    // A use of a mistaken kernel is no further error.
    let kernel = worst { _sum: 0, _total: 0, _row: None, _buffer: 0, _weights: &mut [], _other: 0 };
    pasha::map(kernel, &[1.0])?;
    Ok(())
}
