struct Detector {
    gain: f64,
}

impl Detector {
    #[pasha::kernel]
    fn calibrate(&self, _worker_id: usize, _index: usize, raw: &f64, #[out] calibrated: &mut f64) {
        *calibrated = self.gain * raw;
    }
}

fn main() {}
