package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aisle/offers"
)

// model is a better detector or describer than those in the box. It is no part
// of the program: whoever wants it fetches it from where its makers publish it.
type model struct {
	name, file string
	use        string // for people
	bytes      int64
	sha256     string
	licence    string
	urls       []string // tried in this order
	config     string   // of the cameras' process; path and sum follow
	scraped    bool     // trained on faces that were gathered from the web
}

// knownModels are those that the house was tried with, by their exact bytes.
var knownModels = []model{
	{
		name: "yunet", file: "face_detection_yunet_2023mar.onnx", use: "finds faces, also turned and small ones, with their points",
		bytes: 232_589, sha256: "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4", licence: "Apache-2.0",
		urls: []string{
			"https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx",
			"https://huggingface.co/opencv/face_detection_yunet/resolve/main/face_detection_yunet_2023mar.onnx",
		},
		config: "detector:\n  kind: yunet\n",
	},
	{
		name: "mobilefacenet", file: "mobilefacenet_foamliu.onnx", use: "tells faces apart, small and fast",
		bytes: 3_998_070, sha256: "b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507", licence: "Apache-2.0",
		urls:   []string{"https://github.com/foamliu/MobileFaceNet/raw/22d3e78287c70e23cf2f5b6a6a92594008831a7f/weights/MobileFaceNet.onnx"},
		config: "describer:\n  kind: net\n", scraped: true,
	},
	{
		name: "sface", file: "face_recognition_sface_2021dec.onnx", use: "tells faces apart",
		bytes: 38_696_353, sha256: "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79", licence: "Apache-2.0",
		urls: []string{
			"https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/face_recognition_sface/face_recognition_sface_2021dec.onnx",
			"https://huggingface.co/opencv/face_recognition_sface/resolve/main/face_recognition_sface_2021dec.onnx",
		},
		config: "describer:\n  kind: sface\n", scraped: true,
	},
}

// scrapedWarning is what a shop must know before it uses such a model.
const scrapedWarning = "was trained on faces that were gathered from the web, most without asking: say so to your shoppers, and ask your counsel"

func modelsMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle models", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprint(f.Output(), "aisle models list                  what there is, from where, under which licence\n"+
			"aisle models fetch [flags] name... into a folder, checked; without names yunet and mobilefacenet\n\n")
		f.PrintDefaults()
	}
	dir := f.String("dir", "models", "folder to keep them in")
	from := f.String("from", "", "another address of the one model that is named; its sum must be the same")
	names, err := parseMixed(f, args)
	if err != nil {
		return err
	}
	switch {
	case len(names) == 1 && names[0] == "list":
		return listModels(os.Stdout, knownModels, *dir)
	case len(names) > 0 && names[0] == "fetch":
		wanted, err := chooseModels(knownModels, names[1:], *from)
		if err != nil {
			return err
		}
		return newModelStore(*dir, os.Stdout).fetch(ctx, wanted)
	}
	return fmt.Errorf("%w: say `aisle models list` or `aisle models fetch`", offers.ErrInvalid)
}

func listModels(out io.Writer, models []model, dir string) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "name\tuse\tsize\tlicence\there\tfrom")
	for _, m := range models {
		here := "no"
		if err := m.check(filepath.Join(dir, m.file)); err == nil {
			here = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%.1f MB\t%s\t%s\t%s\n", m.name, m.use, float64(m.bytes)/1e6, m.licence, here, m.urls[0])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, m := range models {
		if m.scraped {
			fmt.Fprintf(out, "%s %s\n", m.name, scrapedWarning)
		}
	}
	return nil
}

func chooseModels(known []model, names []string, from string) ([]model, error) {
	if len(names) == 0 {
		names = []string{"yunet", "mobilefacenet"}
	}
	if from != "" && len(names) != 1 {
		return nil, fmt.Errorf("-from: %w: it is the address of one model; name that one", offers.ErrInvalid)
	}
	var wanted []model
	for _, name := range names {
		at := slices.IndexFunc(known, func(m model) bool { return m.name == name })
		if at < 0 {
			return nil, fmt.Errorf("model %q: %w: `aisle models list` says which there are", name, offers.ErrNotFound)
		}
		m := known[at]
		if from != "" {
			m.urls = []string{from}
		}
		wanted = append(wanted, m)
	}
	return wanted, nil
}

// modelStore is a folder of models. A file that has a model's name there has its
// sum: it is put there only when it is whole and right.
type modelStore struct {
	dir      string
	out      io.Writer
	client   *http.Client
	tries    int           // of each address
	patience time.Duration // before the second, twice as long before the third
}

func newModelStore(dir string, out io.Writer) *modelStore {
	return &modelStore{dir: dir, out: out, tries: 3, patience: time.Second, client: &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
	}}}
}

// fetch brings the models that are not here yet, and says how they are used.
func (s *modelStore) fetch(ctx context.Context, models []model) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("models: %w: %w", offers.ErrUnavailable, err)
	}
	for _, m := range models {
		path := filepath.Join(s.dir, m.file)
		switch err := m.check(path); {
		case err == nil:
			fmt.Fprintf(s.out, "%s is here: %s\n", m.name, path)
			continue
		case !errors.Is(err, fs.ErrNotExist):
			fmt.Fprintf(s.out, "%s: %v; fetching it anew\n", path, err)
		}
		if err := s.fetchOne(ctx, m, path); err != nil {
			return fmt.Errorf("model %s: %w", m.name, err)
		}
		fmt.Fprintf(s.out, "%s: %s, %.1f MB, %s\n", m.name, path, float64(m.bytes)/1e6, m.licence)
		if m.scraped {
			fmt.Fprintf(s.out, "  it %s\n", scrapedWarning)
		}
	}
	fmt.Fprint(s.out, "\nFor the cameras' process (vision.config); people enrol anew for another describer:\n\n")
	for _, m := range models {
		path, err := filepath.Abs(filepath.Join(s.dir, m.file))
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s  path: %s\n  sha256: %s\n", m.config, path, m.sha256)
	}
	return nil
}

// fetchOne tries every address some times, and goes on where a broken line left
// off. A file with another sum is never tried again.
func (s *modelStore) fetchOne(ctx context.Context, m model, path string) error {
	part := path + ".part"
	var wrong []error
	for _, url := range m.urls {
		for try := range s.tries {
			if try > 0 {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(s.patience << (try - 1)):
				}
			}
			err := s.download(ctx, m, url, part)
			if err == nil {
				return os.Rename(part, path)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if try == s.tries-1 || !errors.Is(err, offers.ErrUnavailable) {
				wrong = append(wrong, err)
				break
			}
		}
	}
	err := errors.Join(wrong...)
	if errors.Is(err, offers.ErrUnavailable) {
		return fmt.Errorf("%w\nWithout a network: fetch the file elsewhere and put it at %s; its sha256 is\n%s.\nThe default method works without it", err, path, m.sha256)
	}
	return err
}

// download gets the rest of a file. The error is ErrUnavailable where it may
// come yet.
func (s *modelStore) download(ctx context.Context, m model, url, part string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	defer file.Close()
	sum := sha256.New()
	have, err := io.Copy(sum, io.LimitReader(file, m.bytes))
	if err != nil {
		return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	if have < m.bytes {
		if have, err = s.receive(ctx, m, url, file, sum, have); err != nil {
			return err
		}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != m.sha256 {
		_ = os.Remove(part)
		return fmt.Errorf("%s: %w: %d bytes with the sha256 %s came, not the model's %s; nothing was kept", url, offers.ErrInvalid, have, got, m.sha256)
	}
	return file.Close()
}

// receive appends what is missing, no more than the model has.
func (s *modelStore) receive(ctx context.Context, m model, url string, file *os.File, sum hash.Hash, have int64) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return have, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	reply, err := s.client.Do(request)
	if err != nil {
		return have, fmt.Errorf("%w: there is no way to %s: %w", offers.ErrUnavailable, url, err)
	}
	defer reply.Body.Close()
	switch {
	case reply.StatusCode == http.StatusPartialContent && strings.HasPrefix(reply.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
	case reply.StatusCode == http.StatusOK: // it begins anew
		have = 0
		sum.Reset()
	case reply.StatusCode >= 500, reply.StatusCode == http.StatusTooManyRequests:
		return have, fmt.Errorf("%w: %s answers %s", offers.ErrUnavailable, url, reply.Status)
	default:
		return have, fmt.Errorf("%w: %s answers %s", offers.ErrNotFound, url, reply.Status)
	}
	if reply.ContentLength >= 0 && reply.ContentLength != m.bytes-have {
		return have, fmt.Errorf("%s: %w: it has %d bytes, the model %d", url, offers.ErrInvalid, have+reply.ContentLength, m.bytes)
	}
	if err := file.Truncate(have); err != nil {
		return have, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	if _, err := file.Seek(have, io.SeekStart); err != nil {
		return have, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	n, err := io.Copy(io.MultiWriter(file, sum), io.LimitReader(reply.Body, m.bytes-have))
	have += n
	if err != nil || have < m.bytes {
		return have, fmt.Errorf("%w: %s broke off after %d of %d bytes: %w", offers.ErrUnavailable, url, have, m.bytes, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	if more, _ := io.CopyN(io.Discard, reply.Body, 1); more > 0 {
		return have, fmt.Errorf("%s: %w: it has more than the model's %d bytes", url, offers.ErrInvalid, m.bytes)
	}
	return have, nil
}

// check tells whether a file is the model.
func (m model) check(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(file, m.bytes+1)); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != m.sha256 {
		return fmt.Errorf("%w: its sha256 is %s", offers.ErrInvalid, got)
	}
	return nil
}
