// A tablet as a camera: it sends five pictures a second for as long as the page
// is open, one at a time, and says in words how that goes. The pass stands
// behind the "#" of the address, which browsers keep to themselves.

const apart = 200 // ms between pictures
const longest = 960 // pixels of a picture's longer side
const slowest = 10_000 // ms for one picture, then it is given up

const element = (id) => document.getElementById(id)
const camera = decodeURIComponent(location.pathname.split('/').pop() ?? '')
const pass = location.hash.slice(1)
const video = element('seen')
const canvas = document.createElement('canvas')

let stream
let awake
let sent = 0

element('name').textContent = `Camera ${camera}`
document.title = `Camera ${camera} – Aisle`

function say(text, tone = '') {
  const state = element('state')
  if (state.textContent !== text) state.textContent = text
  state.dataset.tone = tone
}

async function start() {
  if (!pass) return say('This link is not whole: open the one that the console shows on the camera’s page.', 'bad')
  if (!navigator.mediaDevices) return say('This browser gives no camera to a page without https. Open the page by https, or on the machine itself.', 'bad')
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: element('which').value, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 15 } },
    })
  } catch (error) {
    return say(error.name === 'NotAllowedError' ? 'The browser may not use the camera: allow it in its settings for this page.' : 'There is no camera that this browser could use.', 'bad')
  }
  video.srcObject = stream
  await video.play()
  element('toggle').textContent = 'Stop the camera'
  say('Starting…')
  await stayAwake()
  send(stream)
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop()
  stream = undefined
  video.srcObject = null
  awake?.release()
  awake = undefined
  element('toggle').textContent = 'Start the camera'
  say('Stopped. Nothing is sent.')
}

/** The screen of a camera does not go dark. Browsers that cannot do so do without. */
async function stayAwake() {
  try {
    awake = await navigator.wakeLock?.request('screen')
  } catch {
    awake = undefined
  }
}

async function send(of) {
  while (stream === of) {
    const began = performance.now()
    if (!document.hidden && video.videoWidth > 0) {
      const wait = await sendOne()
      if (stream !== of) return
      if (wait) await new Promise((later) => setTimeout(later, wait))
    }
    await new Promise((later) => setTimeout(later, Math.max(20, apart - (performance.now() - began))))
  }
}

/** How long to wait after it, in milliseconds. */
async function sendOne() {
  const shrink = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight))
  canvas.width = Math.round(video.videoWidth * shrink)
  canvas.height = Math.round(video.videoHeight * shrink)
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height)
  const picture = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.8))
  if (!picture) return 1000
  try {
    const answer = await fetch(`../frames/${encodeURIComponent(camera)}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${pass}`, 'Content-Type': 'image/jpeg' },
      body: picture,
      signal: AbortSignal.timeout(slowest),
    })
    if (answer.ok) {
      sent++
      say(`Live: ${sent.toLocaleString()} pictures sent.`, 'live')
      return 0
    }
    const problem = await answer.json().catch(() => ({}))
    say(problem.detail ?? `The shop’s machine answered ${answer.status}.`, 'bad')
    return answer.status === 401 || answer.status === 404 ? 10_000 : 2000
  } catch {
    say('The shop’s machine cannot be reached. Trying again…', 'bad')
    return 2000
  }
}

element('toggle').addEventListener('click', () => (stream ? stop() : start()))
element('which').addEventListener('change', () => {
  if (!stream) return
  stop()
  start()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && stream) stayAwake()
})
