#[kernel]
fn count(_worker_id: usize, _index: usize, value: &u8, #[per_worker] seen: &mut u64) {
    *seen += 1;
}
