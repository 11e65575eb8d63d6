mod histogram {
    #[pasha::kernel]
    pub fn histogram(_worker_id: usize, _index: usize, _value: &f64, #[out] _bins: &mut [u64]) {}
}

use histogram::histogram;

fn main() {
    histogram(0, 0, &1.0, &mut [0]);
}
