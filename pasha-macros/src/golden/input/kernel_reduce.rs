#[kernel]
fn fold(
    _worker_id: usize,
    _index: usize,
    value: &u64,
    #[reduce(sum)] histogram: &mut [u64],
    #[reduce(with = merge::<Peak>, identity = Peak::NONE)] peak: &mut Peak,
    #[reduce(with = or)] bits: &mut u64,
) {
}
