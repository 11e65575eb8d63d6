#[pasha::kernel]
fn item(_worker_id: usize, _index: usize, value: &f64) -> &f64 {
    value
}

#[pasha::kernel]
fn named<'a>(_worker_id: usize, _index: usize, value: &'a f64) -> Option<&'a f64> {
    Some(value)
}

fn main() {}
