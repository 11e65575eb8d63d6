#[kernel]
fn take_apart<'a, 'b>(
    _worker_id: usize,
    _index: usize,
    (x, &y): (u32, &u32),
    #[out] mut sum: &mut u32,
    name: &'a Name<'b, '_>,
) {
}
