#[derive(Clone, Copy)]
struct Peak {
    _position: f64,
}

#[pasha::kernel]
fn text(_worker_id: usize, _index: usize, _value: &f64, #[out] _name: &mut String) {}

#[pasha::kernel]
fn truth(_worker_id: usize, _index: usize, _value: &f64, #[out] _found: &mut bool) {}

#[pasha::kernel]
fn own_struct(_worker_id: usize, _index: usize, _value: &f64, #[per_worker] _peaks: &mut [Peak]) {}

#[pasha::kernel]
fn references(_worker_id: usize, _index: usize, _value: &f64, #[out] _name: &mut &'static str) {}

#[pasha::kernel]
fn reduced(_worker_id: usize, _index: usize, _value: &f64, #[reduce(sum)] _sum: &mut Vec<f64>) {}

fn main() {}
