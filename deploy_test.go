package house_test

import (
	"context"
	"encoding/base64"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	compose "github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// targets are the services that run apart, as `aisle -target` knows them.
var targets = []string{"beacons", "collector", "console", "decider", "learner", "notifier"}

// secrets are what whoever deploys must give.
var secrets = map[string]string{
	"AISLE_EDGE_KEY":      strings.Repeat("ed", 32),
	"AISLE_SEAL_KEY":      strings.Repeat("5e", 32),
	"AISLE_MQTT_PASSWORD": "mqtt-password",
	"AISLE_DB_PASSWORD":   "db-password",
}

func TestCompose(t *testing.T) {
	project := composeProject(t, secrets)
	var got []string
	for name, service := range project.Services {
		if target, ok := flagOf(service.Command, "-target"); ok {
			got = append(got, target)
			if target != name {
				t.Errorf("service %s runs -target=%s", name, target)
			}
			checkEnvironment(t, name, service.Environment)
		}
		if service.Image == "" {
			t.Errorf("service %s has no image", name)
		}
		if build := service.Build; build != nil {
			if _, err := os.Stat(filepath.Join(build.Context, build.Dockerfile)); err != nil {
				t.Errorf("service %s is built from nothing: %v", name, err)
			}
		} else if service.HealthCheck == nil {
			t.Errorf("service %s does not say when it is healthy, and others wait for it", name)
		}
		for other := range service.DependsOn {
			if _, ok := project.Services[other]; !ok {
				t.Errorf("service %s waits for %s, which there is not", name, other)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(targets, got); diff != "" {
		t.Errorf("targets that run (-want +got):\n%s", diff)
	}
	if _, ok := project.Services["vision"]; !ok {
		t.Error("no vision process")
	}
}

func TestComposeAsksForSecrets(t *testing.T) {
	for name := range secrets {
		t.Run(name, func(t *testing.T) {
			given := maps.Clone(secrets)
			delete(given, name)
			if _, err := loadCompose(given); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("without %s: got error %v, want one that names it", name, err)
			}
		})
	}
}

func TestKustomize(t *testing.T) {
	overlays := map[string]struct {
		folder    string
		namespace string
		stores    []string // that the overlay brings itself
	}{
		"base":       {folder: "k8s/base"},
		"demo":       {folder: "k8s/overlays/demo", namespace: "aisle-demo", stores: []string{"kafka", "postgres", "redis"}},
		"production": {folder: "k8s/overlays/production", namespace: "aisle"},
	}
	for name, want := range overlays {
		t.Run(name, func(t *testing.T) {
			c := buildCluster(t, want.folder)

			var got []string
			for name, d := range c.kind("Deployment") {
				container := d.Spec.Template.Spec.Containers[0]
				checkDeployment(t, c, name, d)
				if target, ok := flagOf(container.Args, "-target"); ok {
					got = append(got, target)
					if target != name {
						t.Errorf("deployment %s runs -target=%s", name, target)
					}
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(targets, got); diff != "" {
				t.Errorf("targets that run (-want +got):\n%s", diff)
			}

			var stores []string
			for name := range c.kind("StatefulSet") {
				stores = append(stores, name)
			}
			slices.Sort(stores)
			if diff := cmp.Diff(want.stores, stores); diff != "" {
				t.Errorf("stores (-want +got):\n%s", diff)
			}
			for _, o := range c.objects {
				if o.Kind != "Namespace" && o.Metadata.Namespace != want.namespace {
					t.Errorf("%s %s is in namespace %q, want %q", o.Kind, o.Metadata.Name, o.Metadata.Namespace, want.namespace)
				}
			}
			checkReferences(t, c)
		})
	}
}

// TestOneWriterStaysOne: a second learner would write the model twice, a
// second beacons process would see everybody twice.
func TestOneWriterStaysOne(t *testing.T) {
	c := buildCluster(t, "k8s/overlays/production")
	for _, name := range []string{"learner", "beacons", "vision"} {
		d := c.kind("Deployment")[name]
		if d.Spec.Replicas != 1 || d.Spec.Strategy.Type != "Recreate" {
			t.Errorf("%s: %d replicas by %q, want 1 by Recreate", name, d.Spec.Replicas, d.Spec.Strategy.Type)
		}
		if _, ok := c.kind("HorizontalPodAutoscaler")[name]; ok {
			t.Errorf("%s is scaled", name)
		}
	}
	for _, name := range []string{"collector", "console", "decider", "notifier"} {
		if c.kind("Deployment")[name].Spec.Replicas != 0 {
			t.Errorf("%s: replicas are said where the autoscaler says them", name)
		}
		if _, ok := c.kind("HorizontalPodAutoscaler")[name]; !ok {
			t.Errorf("%s is not scaled", name)
		}
		if _, ok := c.kind("PodDisruptionBudget")[name]; !ok {
			t.Errorf("%s has no disruption budget", name)
		}
	}
}

// TestDeployedConfig asks the program itself whether it would start so.
func TestDeployedConfig(t *testing.T) {
	aisle := filepath.Join(t.TempDir(), "aisle")
	if out, err := exec.Command("go", "build", "-o", aisle, "./services/aisle").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	places := map[string][]string{"compose": nil, "demo": nil}
	for k, v := range composeProject(t, secrets).Services["decider"].Environment {
		places["compose"] = append(places["compose"], k+"="+*v)
	}
	for k, v := range buildCluster(t, "k8s/overlays/demo").secret(t, "aisle") {
		places["demo"] = append(places["demo"], k+"="+v)
	}
	for place, env := range places {
		for _, target := range targets {
			t.Run(place+"/"+target, func(t *testing.T) {
				cmd := exec.Command(aisle, "-check", "-config=k8s/base/aisle.yaml", "-target="+target)
				cmd.Env = env
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

// TestDeployedCameras asks the cameras' process the same.
func TestDeployedCameras(t *testing.T) {
	if exec.Command("pkg-config", "--exists", "opencv4").Run() != nil {
		t.Skip("SKIPPED: no OpenCV here (libopencv-dev): what the cameras' process is set up by is not tested")
	}
	cameras := filepath.Join(t.TempDir(), "aisle-vision")
	if out, err := exec.Command("go", "build", "-tags", "gocv", "-o", cameras, "./services/vision").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(cameras, "-check", "-config=k8s/base/cameras.yaml", "-data="+t.TempDir())
	cmd.Env = []string{"AISLE_EDGE_KEY=" + secrets["AISLE_EDGE_KEY"], "AISLE_SEAL_KEY=" + secrets["AISLE_SEAL_KEY"]}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDockerfiles(t *testing.T) {
	built := regexp.MustCompile(`go build .*(\./services/\w+)`)
	for file, want := range map[string]string{"Dockerfile": "./services/aisle", "Dockerfile.vision": "./services/vision"} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := built.FindSubmatch(raw)
			if m == nil || string(m[1]) != want {
				t.Errorf("builds %q, want %s", m, want)
			}
			if _, err := os.Stat(want); err != nil {
				t.Error(err)
			}
			if !strings.Contains(string(raw), "\nUSER 10001:10001\n") {
				t.Error("does not run as 10001, as k8s/ says")
			}
		})
	}
}

// needed lists the environment that the deployed configuration reads.
func needed(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("k8s/base/aisle.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`\$\{env:(\w+)\}`).FindAllSubmatch(raw, -1) {
		names = append(names, string(m[1]))
	}
	if len(names) == 0 {
		t.Fatal("k8s/base/aisle.yaml reads nothing from the environment")
	}
	return names
}

func checkEnvironment(t *testing.T, service string, env compose.MappingWithEquals) {
	t.Helper()
	for _, name := range needed(t) {
		if env[name] == nil || *env[name] == "" {
			t.Errorf("service %s: %s is not set", service, name)
		}
	}
}

// flagOf finds a flag's value among arguments, "-target=decider".
func flagOf(args []string, name string) (string, bool) {
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

func loadCompose(env map[string]string) (*compose.Project, error) {
	return loader.LoadWithContext(context.Background(), compose.ConfigDetails{
		WorkingDir:  ".",
		ConfigFiles: []compose.ConfigFile{{Filename: "docker-compose.yml"}},
		Environment: maps.Clone(env), // the loader adds to it
	})
}

func composeProject(t *testing.T, env map[string]string) *compose.Project {
	t.Helper()
	project, err := loadCompose(env)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// object is what these tests read of a Kubernetes object.
type object struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name      string            `yaml:"name"`
		Namespace string            `yaml:"namespace"`
		Labels    map[string]string `yaml:"labels"`
	} `yaml:"metadata"`
	StringData map[string]string `yaml:"stringData"`
	Data       map[string]string `yaml:"data"`
	Spec       struct {
		Replicas int `yaml:"replicas"`
		Strategy struct {
			Type string `yaml:"type"`
		} `yaml:"strategy"`
		Selector yaml.Node `yaml:"selector"` // a Service's and a Deployment's differ
		Template struct {
			Metadata struct {
				Labels map[string]string `yaml:"labels"`
			} `yaml:"metadata"`
			Spec pod `yaml:"spec"`
		} `yaml:"template"`
		ScaleTargetRef struct {
			Kind string `yaml:"kind"`
			Name string `yaml:"name"`
		} `yaml:"scaleTargetRef"`
		Ports []struct {
			Name       string `yaml:"name"`
			TargetPort string `yaml:"targetPort"`
		} `yaml:"ports"`
		Rules []struct {
			HTTP struct {
				Paths []struct {
					Path    string `yaml:"path"`
					Backend struct {
						Service struct {
							Name string `yaml:"name"`
							Port struct {
								Name string `yaml:"name"`
							} `yaml:"port"`
						} `yaml:"service"`
					} `yaml:"backend"`
				} `yaml:"paths"`
			} `yaml:"http"`
		} `yaml:"rules"`
	} `yaml:"spec"`
}

type pod struct {
	SecurityContext struct {
		RunAsNonRoot bool `yaml:"runAsNonRoot"`
	} `yaml:"securityContext"`
	Containers []container `yaml:"containers"`
	Volumes    []struct {
		Name      string `yaml:"name"`
		ConfigMap struct {
			Name string `yaml:"name"`
		} `yaml:"configMap"`
	} `yaml:"volumes"`
}

type container struct {
	Name  string   `yaml:"name"`
	Image string   `yaml:"image"`
	Args  []string `yaml:"args"`
	Ports []struct {
		Name string `yaml:"name"`
	} `yaml:"ports"`
	LivenessProbe   probe `yaml:"livenessProbe"`
	ReadinessProbe  probe `yaml:"readinessProbe"`
	SecurityContext struct {
		AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
		ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
	} `yaml:"securityContext"`
	Resources struct {
		Requests map[string]string `yaml:"requests"`
		Limits   map[string]string `yaml:"limits"`
	} `yaml:"resources"`
	VolumeMounts []struct {
		Name string `yaml:"name"`
	} `yaml:"volumeMounts"`
}

type probe struct {
	HTTPGet struct {
		Path string `yaml:"path"`
		Port string `yaml:"port"`
	} `yaml:"httpGet"`
}

// cluster is everything that one kustomization makes.
type cluster struct{ objects []object }

func buildCluster(t *testing.T, folder string) cluster {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	var c cluster
	for _, r := range made.Resources() {
		raw, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		var o object
		if err := yaml.Unmarshal(raw, &o); err != nil {
			t.Fatalf("%s: %v", r.CurId(), err)
		}
		c.objects = append(c.objects, o)
	}
	return c
}

// kind finds the objects of a kind by name.
func (c cluster) kind(kind string) map[string]object {
	found := map[string]object{}
	for _, o := range c.objects {
		if o.Kind == kind {
			found[o.Metadata.Name] = o
		}
	}
	return found
}

// secret reads a generated secret, whose name has a hash at its end.
func (c cluster) secret(t *testing.T, name string) map[string]string {
	t.Helper()
	for generated, o := range c.kind("Secret") {
		if strings.HasPrefix(generated, name+"-") {
			values := map[string]string{}
			for k, v := range o.Data {
				plain, err := base64.StdEncoding.DecodeString(v)
				if err != nil {
					t.Fatal(err)
				}
				values[k] = string(plain)
			}
			return values
		}
	}
	t.Fatalf("no secret %s", name)
	return nil
}

func checkDeployment(t *testing.T, c cluster, name string, d object) {
	t.Helper()
	if len(d.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("deployment %s: %d containers, want 1", name, len(d.Spec.Template.Spec.Containers))
	}
	k := d.Spec.Template.Spec.Containers[0]

	image, _, _ := strings.Cut(filepath.Base(k.Image), ":")
	want := "aisle"
	if name == "vision" {
		want = "aisle-vision"
	}
	if image != want {
		t.Errorf("deployment %s: image %s, want %s", name, k.Image, want)
	}
	if got := k.LivenessProbe.HTTPGet; got.Path != "/livez" || got.Port != "http" {
		t.Errorf("deployment %s: liveness probe %+v, want /livez on http", name, got)
	}
	if got := k.ReadinessProbe.HTTPGet; got.Path != "/readyz" || got.Port != "http" {
		t.Errorf("deployment %s: readiness probe %+v, want /readyz on http", name, got)
	}
	if k.Resources.Requests["cpu"] == "" || k.Resources.Requests["memory"] == "" || k.Resources.Limits["memory"] == "" {
		t.Errorf("deployment %s: resources %+v, want cpu and memory asked for, and memory limited", name, k.Resources)
	}
	escalation := k.SecurityContext.AllowPrivilegeEscalation
	if !d.Spec.Template.Spec.SecurityContext.RunAsNonRoot || escalation == nil || *escalation || !k.SecurityContext.ReadOnlyRootFilesystem {
		t.Errorf("deployment %s may do more than it needs", name)
	}
	for _, mount := range k.VolumeMounts {
		found := false
		for _, v := range d.Spec.Template.Spec.Volumes {
			found = found || v.Name == mount.Name
			if v.ConfigMap.Name != "" {
				if _, ok := c.kind("ConfigMap")[v.ConfigMap.Name]; !ok {
					t.Errorf("deployment %s: no config map %s", name, v.ConfigMap.Name)
				}
			}
		}
		if !found {
			t.Errorf("deployment %s: no volume %s", name, mount.Name)
		}
	}
}

// checkReferences: what names another object names one that there is.
func checkReferences(t *testing.T, c cluster) {
	t.Helper()
	for name, s := range c.kind("Service") {
		selected := c.selected(t, s.Spec.Selector)
		if len(selected) != 1 {
			t.Errorf("service %s selects %d pods, want those of 1 workload", name, len(selected))
			continue
		}
		for _, port := range s.Spec.Ports {
			if !slices.ContainsFunc(selected[0].Spec.Template.Spec.Containers[0].Ports, func(p struct {
				Name string `yaml:"name"`
			}) bool {
				return p.Name == port.TargetPort
			}) {
				t.Errorf("service %s: its pods have no port %s", name, port.TargetPort)
			}
		}
	}
	for _, kind := range []string{"Deployment", "StatefulSet", "PodDisruptionBudget"} {
		for name, o := range c.kind(kind) {
			var selector struct {
				MatchLabels yaml.Node `yaml:"matchLabels"`
			}
			if err := o.Spec.Selector.Decode(&selector); err != nil {
				t.Fatal(err)
			}
			selected := c.selected(t, selector.MatchLabels)
			if len(selected) != 1 || selected[0].Metadata.Name != name {
				t.Errorf("%s %s selects %d workloads, want its own", kind, name, len(selected))
			}
		}
	}
	for name, scaler := range c.kind("HorizontalPodAutoscaler") {
		if _, ok := c.kind(scaler.Spec.ScaleTargetRef.Kind)[scaler.Spec.ScaleTargetRef.Name]; !ok {
			t.Errorf("autoscaler %s scales %s, which there is not", name, scaler.Spec.ScaleTargetRef.Name)
		}
	}
	for _, ingress := range c.kind("Ingress") {
		for _, rule := range ingress.Spec.Rules {
			for _, p := range rule.HTTP.Paths {
				service, ok := c.kind("Service")[p.Backend.Service.Name]
				if !ok || service.Spec.Ports[0].Name != p.Backend.Service.Port.Name {
					t.Errorf("ingress %s: no service %s with a port %s", p.Path, p.Backend.Service.Name, p.Backend.Service.Port.Name)
				}
			}
		}
	}
}

// selected finds the workloads whose pods have all these labels.
func (c cluster) selected(t *testing.T, selector yaml.Node) []object {
	t.Helper()
	var labels map[string]string
	if err := selector.Decode(&labels); err != nil {
		t.Fatal(err)
	}
	var found []object
	for _, o := range c.objects {
		has := len(labels) > 0 && len(o.Spec.Template.Metadata.Labels) > 0
		for k, v := range labels {
			has = has && o.Spec.Template.Metadata.Labels[k] == v
		}
		if has {
			found = append(found, o)
		}
	}
	return found
}
