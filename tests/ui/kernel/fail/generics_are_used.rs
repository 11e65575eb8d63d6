#[pasha::kernel]
fn unused_type<T: Default>(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut f64) {
    let _ = T::default();
}

#[pasha::kernel]
fn unused_constant<const N: usize>(_worker_id: usize, _index: usize, _value: &f64, #[out] sum: &mut f64) {
    *sum = N as f64;
}

fn main() {}
