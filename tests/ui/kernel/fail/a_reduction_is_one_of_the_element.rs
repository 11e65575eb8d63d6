fn fold_floats(total: &mut f64, part: &f64) {
    *total += part;
}

#[pasha::kernel]
fn function_of_others(_worker_id: usize, _index: usize, _value: &f64, #[reduce(with = fold_floats)] _sum: &mut f32) {}

#[pasha::kernel]
fn identity_of_others(
    _worker_id: usize,
    _index: usize,
    _value: &f64,
    #[reduce(with = fold_floats, identity = 1u8)] _sum: &mut f64,
) {
}

fn main() {}
