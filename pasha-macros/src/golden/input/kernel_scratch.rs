#[kernel]
fn sort<T: Copy>(_worker_id: usize, _index: usize, row: &[T], #[scratch] sort_buffer: &mut Vec<T>) {}
