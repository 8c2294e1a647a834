package rank
import ("testing";"math/rand/v2")
func TestW(t *testing.T){
 for _,burst:=range []int{1500,5000,15000} { for _,on:=range []bool{true,false} {
  l:=NewLearner(New()); w:=NewWatch(New()); r:=rand.New(rand.NewPCG(1,1))
  teach(l,w,r,25000,false); b:=footwear(l); teach(l,w,r,burst,true); x:=[]float64{b,footwear(l)}; backs:=0
  for range 6 { if on { backs+=teach(l,w,r,300,false) } else { teach(l,NewWatch(New()),r,300,false)}; x=append(x,footwear(l)) }
  t.Log(burst,on,backs,x)
 }}
}
