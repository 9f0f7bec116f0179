// What makes the pages a little more comfortable. Everything works without it.
'use strict';

(() => {
	const body = document.body;
	const live = document.getElementById('live');

	const say = (text) => {
		const line = document.createElement('p');
		line.textContent = text;
		live.replaceChildren(line);
	};

	// Twice before the time is over, five minutes and one minute: said once each, nothing ticks.
	if (body.dataset.left) {
		const end = performance.now() + Number(body.dataset.left) * 1000;
		for (const minutes of [5, 1]) {
			const wait = end - minutes * 60000 - performance.now();
			if (wait > 0) {
				setTimeout(() => say(body.dataset.warning.replace('{minutes}', minutes)), wait);
			}
		}
	}

	// While the answer has not been fetched: asks every five seconds, says when there is news, leads nowhere by itself.
	if (body.dataset.poll) {
		const ask = async () => {
			let waiting = true;
			try {
				const answer = await fetch(body.dataset.poll, { cache: 'no-store', credentials: 'same-origin' });
				waiting = answer.status !== 200 || (await answer.json()).waiting;
			} catch {
				// the line is away for a moment
			}
			if (waiting) {
				setTimeout(ask, 5000);
			} else {
				say(body.dataset.news);
			}
		};
		setTimeout(ask, 2000);
	}

	// A PDF in place, only where there is room and the browser can show it; the links beside it always work.
	const frame = document.querySelector('[data-frame]');
	if (frame && navigator.pdfViewerEnabled && matchMedia('(min-width: 48rem)').matches && !matchMedia('(pointer: coarse)').matches) {
		const inner = document.createElement('iframe');
		inner.title = frame.dataset.title;
		inner.src = `${frame.dataset.frame}#view=FitH&navpanes=0`;
		frame.append(inner);
	}

	// A page that the browser took from its memory may be of before the decision.
	addEventListener('pageshow', (event) => {
		if (event.persisted) {
			location.reload();
		}
	});
})();
