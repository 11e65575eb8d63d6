type Forever = &'static mut f64;
type ForeverRow = ndarray::ArrayViewMut1<'static, f64>;

#[pasha::kernel]
fn element(_worker_id: usize, _index: usize, _value: &f64, #[out] slot: Forever) {
    *slot = 1.0;
}

#[pasha::kernel]
fn row(_worker_id: usize, _index: usize, _value: &f64, #[per_worker] mut slot: ForeverRow) {
    slot.fill(1.0);
}

fn main() {}
