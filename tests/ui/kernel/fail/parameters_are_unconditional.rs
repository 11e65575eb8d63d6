#[pasha::kernel]
fn sometimes(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[cfg(unix)]
    #[out]
    _sum: &mut f64,
) {
}

#[pasha::kernel]
fn perhaps(_worker_id: usize, _index: usize, _value: &f64, #[cfg_attr(unix, out)] _sum: &mut f64) {}

fn main() {}
