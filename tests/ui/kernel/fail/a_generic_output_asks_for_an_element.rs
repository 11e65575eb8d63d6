#[pasha::kernel]
fn copy<T: Copy + Sync>(_worker_id: usize, _index: usize, value: &T, #[out] copied: &mut T) {
    *copied = *value;
}

fn main() {}
